// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

/** The answer to "did this change?": no, yes, or cannot tell. The first two carry the evidence. */
public sealed interface DriftVerdict {

  /** Name of the test that decided, as in {@link DriftTests}. */
  String test();

  /** Whether this is {@link Drifted}. */
  default boolean drifted() {
    return this instanceof Drifted;
  }

  /**
   * No change, or one too small to matter.
   *
   * @param test name of the test
   * @param statistic its statistic
   * @param threshold the statistic from which it would have been significant at these sample sizes
   * @param pValue corrected for the number of comparisons inside the column
   * @param effect size of the change on the test's effect scale, sample size left out
   * @param minimumEffect effect from which a significant change counts as drift
   */
  record Stable(
      String test,
      double statistic,
      double threshold,
      double pValue,
      double effect,
      double minimumEffect)
      implements DriftVerdict {}

  /**
   * A change that is both significant at these sample sizes and large enough to matter.
   *
   * @param test name of the test
   * @param statistic its statistic, above {@code threshold}
   * @param threshold the statistic from which it is significant at these sample sizes
   * @param pValue corrected for the number of comparisons inside the column
   * @param effect size of the change, at least {@code minimumEffect}
   * @param minimumEffect effect from which a significant change counts as drift
   */
  record Drifted(
      String test,
      double statistic,
      double threshold,
      double pValue,
      double effect,
      double minimumEffect)
      implements DriftVerdict {}

  /**
   * The data cannot answer.
   *
   * @param test name of the test
   * @param reason why not, with the figures, for a person to read
   */
  record Inconclusive(String test, String reason) implements DriftVerdict {}
}
