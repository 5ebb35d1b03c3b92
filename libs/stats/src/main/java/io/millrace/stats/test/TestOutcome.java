// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

/**
 * What a two-sample test found.
 *
 * @param statistic the test's own statistic
 * @param pValue probability, when nothing changed, of a statistic at least this extreme; in [0, 1]
 * @param referenceCount observations of the reference window that took part
 * @param currentCount observations of the current window that took part
 */
public record TestOutcome(double statistic, double pValue, long referenceCount, long currentCount) {
  /**
   * Level of every two-sample test unless a caller has its own: one false alarm in twenty unchanged
   * pairs, as in Evidently's table and most texts. It is one of a single test; for many columns see
   * {@link BenjaminiHochberg}, and for windows so large that every difference is significant {@link
   * DriftPolicy}.
   */
  public static final double DEFAULT_LEVEL = 0.05;

  /** Whether the windows differ at the default level. */
  public boolean significant() {
    return pValue < DEFAULT_LEVEL;
  }
}
