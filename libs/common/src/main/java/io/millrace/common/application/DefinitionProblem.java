// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

/**
 * One broken rule of an application file.
 *
 * @param path where, for example {@code featureViews.spend.features.s7d.window}; {@code line 3,
 *     column 5} where the text could not be read; empty for the file as a whole
 * @param rule stable word, for example {@code unknown-entity}; for the published JSON Schema its
 *     keyword
 * @param message what is wrong and what would be right, for the author
 */
public record DefinitionProblem(String path, String rule, String message) {
  @Override
  public String toString() {
    return (path.isEmpty() ? "the file" : path) + ": " + message + " (" + rule + ")";
  }
}
