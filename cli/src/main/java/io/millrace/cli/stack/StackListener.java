// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.stack;

/** Told of progress while a stack starts or stops, from several threads. */
@FunctionalInterface
public interface StackListener {
  /**
   * Something of note happened.
   *
   * @param line one line for people
   */
  void said(String line);
}
