// SPDX-License-Identifier: Apache-2.0
package io.millrace.models;

/**
 * One raw input of a model: the signature is the ordered list of them.
 *
 * @param name {@code view.feature}, {@code event.field} or {@code derived.name}
 * @param type what a value is
 */
public record ModelInput(String name, Type type) {

  /** What a raw value is; any value may be missing ({@code null} or NaN). */
  public enum Type {
    /** {@link Number}, {@link Boolean} as 1 and 0, or a text that is wholly a number. */
    NUMBER,
    /** {@link String}; other values count by their text. */
    CATEGORY
  }
}
