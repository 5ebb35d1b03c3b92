// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.application;

/**
 * Something that a new definition breaks.
 *
 * @param path where in the definition
 * @param rule stable word
 * @param message for its author
 */
public record BreakingChange(String path, String rule, String message) {}
