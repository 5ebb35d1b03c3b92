// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

/** One benchmark. A peer, or the limit of what is possible, is measured in the same run. */
public interface Bench {
  /** What it is called on the command line: lower case, digits and dashes. */
  String name();

  /** One line on what is measured, and beside what. */
  String description();

  /**
   * Measures. Called once in a JVM of its own; leaves no process and no file behind.
   *
   * @throws BenchException where it cannot measure, saying why
   */
  void run(BenchRun run);
}
