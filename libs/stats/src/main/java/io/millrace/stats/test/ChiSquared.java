// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import java.util.Arrays;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;
import org.hipparchus.special.Gamma;

/**
 * Pearson's chi-squared tests for categories. Applies to counts of strings, booleans and numbers of
 * few values, each expected {@value #LEAST_EXPECTED} times or more in either window. Source:
 * Pearson 1900; the pooling of rare categories is Cochran's rule (1954): every expected count at
 * least {@value #LEAST_EXPECTED}.
 */
public final class ChiSquared {
  /** Expected count below which a category is pooled with the other rare ones. */
  public static final double LEAST_EXPECTED = 5;

  private ChiSquared() {}

  /**
   * Are the observed counts a sample of the given shares? No pooling.
   *
   * @param shares expected counts or shares, all positive; scaled to the observed total
   * @throws IllegalArgumentException if lengths differ, or a share is not positive
   */
  public static TestOutcome goodnessOfFit(double[] shares, double[] observed) {
    return goodnessOfFit(
        shares,
        observed,
        (count, expected) -> {
          double miss = count - expected;
          return miss * miss / expected;
        });
  }

  /** What a category adds to the statistic. */
  interface Term {
    double of(double observed, double expected);
  }

  /** The frame of every test of fit whose statistic is chi-squared in the limit. */
  static TestOutcome goodnessOfFit(double[] shares, double[] observed, Term term) {
    if (shares.length != observed.length || shares.length < 2) {
      throw new IllegalArgumentException(
          "need the same two or more categories, have %d and %d"
              .formatted(shares.length, observed.length));
    }
    double expectedSum = Arrays.stream(shares).sum();
    double observedSum = Arrays.stream(observed).sum();
    double statistic = 0;
    for (int i = 0; i < shares.length; i++) {
      double expected = shares[i] * observedSum / expectedSum;
      if (!(expected > 0)) {
        throw new IllegalArgumentException("expected share must be positive, was " + shares[i]);
      }
      statistic += term.of(observed[i], expected);
    }
    return outcome(statistic, shares.length - 1, expectedSum, observedSum);
  }

  static TestOutcome outcome(double statistic, int freedom, double n, double m) {
    double positive = Math.max(0, statistic); // rounding may leave a hair below 0
    return new TestOutcome(positive, upperTail(positive, freedom), (long) n, (long) m);
  }

  /**
   * Do both windows share one distribution (test of homogeneity)? Categories empty on both sides
   * are left out; there is no pooling, see {@link #pooled}. One category or none gives p = 1.
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
        double difference = reference[i] / n - current[i] / m;
        statistic += difference * difference / both;
      }
    }
    boolean testable = categories > 1 && n > 0 && m > 0;
    double scaled = testable ? statistic * n * m : 0;
    return new TestOutcome(
        scaled, testable ? upperTail(scaled, categories - 1) : 1, (long) n, (long) m);
  }

  /**
   * The same categories with the rare ones, those expected less than {@value #LEAST_EXPECTED} times
   * in either window, joined into one last category. Both results have the same length.
   *
   * @return the pooled reference counts and the pooled current counts
   */
  public static double[][] pooled(double[] reference, double[] current) {
    double n = Arrays.stream(reference).sum();
    double m = Arrays.stream(current).sum();
    double leastShare = LEAST_EXPECTED / Math.min(n, m);
    double[] p = new double[reference.length + 1];
    double[] q = new double[reference.length + 1];
    int kept = 0;
    double rareP = 0;
    double rareQ = 0;
    for (int i = 0; i < reference.length; i++) {
      if ((reference[i] + current[i]) / (n + m) >= leastShare) {
        p[kept] = reference[i];
        q[kept++] = current[i];
      } else {
        rareP += reference[i];
        rareQ += current[i];
      }
    }
    if (rareP + rareQ > 0) {
      // A pool that is still rare joins the smallest kept category, so that Cochran's rule holds.
      if ((rareP + rareQ) / (n + m) >= leastShare || kept == 0) {
        p[kept] = rareP;
        q[kept++] = rareQ;
      } else {
        int least = 0;
        for (int i = 1; i < kept; i++) {
          least = p[i] + q[i] < p[least] + q[least] ? i : least;
        }
        p[least] += rareP;
        q[least] += rareQ;
      }
    }
    return new double[][] {Arrays.copyOf(p, kept), Arrays.copyOf(q, kept)};
  }

  /** Statistic whose p-value is {@code level} at these degrees of freedom, 1 or more. */
  public static double criticalValue(double level, int degreesOfFreedom) {
    return new ChiSquaredDistribution(degreesOfFreedom).inverseCumulativeProbability(1 - level);
  }

  static double upperTail(double statistic, int degreesOfFreedom) {
    return Gamma.regularizedGammaQ(degreesOfFreedom / 2.0, statistic / 2);
  }
}
