// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import org.hipparchus.distribution.discrete.HypergeometricDistribution;

/**
 * Tests of two shares: did an event become more or less frequent? Applies to columns of two values
 * and to the share of one value among all. The Z test for large counts and Fisher's exact test for
 * small ones.
 */
public final class Proportions {
  private static final double TIE = 1e-7;

  private Proportions() {}

  /**
   * Z test with pooled variance, two-sided. Reliable when every cell is expected at least 5 times.
   * Both shares 0 or both 1 give p = 1.
   *
   * @param referenceHits events among the {@code referenceCount} of the reference window
   * @param currentHits events among the {@code currentCount} of the current window
   */
  public static TestOutcome zTest(
      long referenceHits, long referenceCount, long currentHits, long currentCount) {
    check(referenceHits, referenceCount);
    check(currentHits, currentCount);
    double n = referenceCount;
    double m = currentCount;
    double pooled = (referenceHits + currentHits) / (n + m);
    double variance = pooled * (1 - pooled) * (1 / n + 1 / m);
    double z = variance == 0 ? 0 : (currentHits / m - referenceHits / n) / Math.sqrt(variance);
    return new TestOutcome(z, Normal.twoSided(z), referenceCount, currentCount);
  }

  /**
   * Fisher's exact test, two-sided: the sum of the probabilities of all tables no likelier than the
   * one seen (the convention of R and SciPy). The statistic is the difference of the shares. Takes
   * time linear in the smaller margin.
   */
  public static TestOutcome fisherExact(
      int referenceHits, int referenceCount, int currentHits, int currentCount) {
    check(referenceHits, referenceCount);
    check(currentHits, currentCount);
    int hits = referenceHits + currentHits;
    HypergeometricDistribution tables =
        new HypergeometricDistribution(referenceCount + currentCount, hits, currentCount);
    double seen = tables.probability(currentHits);
    double sum = 0;
    int from = Math.max(0, hits - referenceCount);
    int to = Math.min(hits, currentCount);
    for (int k = from; k <= to; k++) {
      double probability = tables.probability(k);
      sum += probability <= seen * (1 + TIE) ? probability : 0;
    }
    double difference =
        currentHits / (double) currentCount - referenceHits / (double) referenceCount;
    return new TestOutcome(difference, Math.min(1, sum), referenceCount, currentCount);
  }

  private static void check(long hits, long count) {
    if (count < 1 || hits < 0 || hits > count) {
      throw new IllegalArgumentException(hits + " events in " + count);
    }
  }
}
