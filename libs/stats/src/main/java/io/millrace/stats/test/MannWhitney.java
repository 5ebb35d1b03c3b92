// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import org.hipparchus.stat.inference.MannWhitneyUTest;

/**
 * Mann-Whitney U test, two-sided: is a value of one window likelier to be the larger? Applies to
 * raw values of one numeric or ordered column. Sensitive to shifts, blind to a change of spread
 * alone. Exact for at most {@value #EXACT_SIZE} values a side without ties; otherwise normal with
 * tie and continuity correction. Source: Mann and Whitney 1947.
 */
public final class MannWhitney {
  /** Size of the larger sample up to which tie-free p-values are exact. */
  public static final int EXACT_SIZE = 20;

  private MannWhitney() {}

  /**
   * Compares raw samples. The statistic is U of the reference window: the number of pairs in which
   * its value is the larger, ties counting half.
   *
   * @throws IllegalArgumentException if a sample is empty or not finite
   */
  public static TestOutcome test(double[] reference, double[] current) {
    Ranks ranks = new Ranks(reference, current);
    double n = reference.length;
    double m = current.length;
    double rankSum = 0;
    for (int i = 0; i < ranks.total(); i++) {
      rankSum += ranks.fromCurrent(i) ? 0 : ranks.rank(i);
    }
    double u = rankSum - n * (n + 1) / 2;
    double p =
        Math.max(n, m) <= EXACT_SIZE && !ranks.tied()
            ? new MannWhitneyUTest().mannWhitneyUTest(reference, current, true)
            : normal(u, n, m, ranks.tieTerm());
    return new TestOutcome(u, Math.clamp(p, 0.0, 1.0), reference.length, current.length);
  }

  private static double normal(double u, double n, double m, double tieTerm) {
    double total = n + m;
    double variance = n * m / 12 * (total + 1 - tieTerm / (total * (total - 1)));
    if (variance <= 0) {
      return 1; // all values are equal
    }
    double distance = Math.max(0, Math.abs(u - n * m / 2) - 0.5);
    return Normal.twoSided(distance / Math.sqrt(variance));
  }
}
