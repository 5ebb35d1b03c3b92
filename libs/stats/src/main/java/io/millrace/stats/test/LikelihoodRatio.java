// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import java.util.Arrays;

/**
 * The G test for categories: twice the log of the likelihood ratio, chi-squared in the limit.
 * Applies to counts, as {@link ChiSquared} does. Adds up over nested tables, which Pearson's
 * statistic does not; with small expected counts Pearson's is the closer to its limit, so {@link
 * ChiSquared} stays the default. Source: Sokal and Rohlf, "Biometry", 1981; Wilks, "The
 * large-sample distribution of the likelihood ratio", 1938.
 */
public final class LikelihoodRatio {
  private LikelihoodRatio() {}

  /**
   * Are the observed counts a sample of the given shares? No pooling. An empty category adds
   * nothing.
   *
   * @param shares expected counts or shares, all positive; scaled to the observed total
   * @throws IllegalArgumentException if lengths differ, or a share is not positive
   */
  public static TestOutcome goodnessOfFit(double[] shares, double[] observed) {
    return ChiSquared.goodnessOfFit(shares, observed, LikelihoodRatio::term);
  }

  /**
   * Do both windows share one distribution? Categories empty on both sides are left out; there is
   * no pooling, see {@link ChiSquared#pooled}. One category or none gives p = 1.
   *
   * @throws IllegalArgumentException if the lengths differ
   */
  public static TestOutcome twoSample(double[] reference, double[] current) {
    if (reference.length != current.length) {
      throw new IllegalArgumentException(
          "categories differ: " + reference.length + " against " + current.length);
    }
    double n = Arrays.stream(reference).sum();
    double m = Arrays.stream(current).sum();
    double statistic = 0;
    int categories = 0;
    for (int i = 0; i < reference.length; i++) {
      double both = reference[i] + current[i];
      if (both > 0) {
        categories++;
        statistic +=
            term(reference[i], both * (n / (n + m))) + term(current[i], both * (m / (n + m)));
      }
    }
    return categories < 2 || n == 0 || m == 0
        ? new TestOutcome(0, 1, (long) n, (long) m)
        : ChiSquared.outcome(statistic, categories - 1, n, m);
  }

  private static double term(double observed, double expected) {
    return observed == 0 ? 0 : 2 * observed * Math.log(observed / expected);
  }
}
