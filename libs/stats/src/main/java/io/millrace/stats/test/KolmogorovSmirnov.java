// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import io.millrace.stats.distance.CdfDistance;
import io.millrace.stats.profile.EmpiricalCdf;
import java.util.function.DoubleUnaryOperator;
import org.hipparchus.stat.inference.KolmogorovSmirnovTest;

/**
 * The two-sample Kolmogorov-Smirnov test, two-sided: largest gap between two empirical distribution
 * functions. One numeric column, any shape; with ties it is conservative.
 *
 * <p>The p-value is exact while the product of the sizes is at most {@value #EXACT_PRODUCT}, and
 * Kolmogorov's limiting distribution beyond. Sources: Kolmogorov 1933, Smirnov 1939; exact counts
 * by Hipparchus.
 */
public final class KolmogorovSmirnov {
  /** Product of the sample sizes up to which p-values are exact. */
  public static final long EXACT_PRODUCT = 10_000;

  private KolmogorovSmirnov() {}

  /**
   * Compares raw samples.
   *
   * @throws IllegalArgumentException if a sample is empty or holds NaN or an infinity
   */
  public static TestOutcome test(double[] reference, double[] current) {
    return test(EmpiricalCdf.of(reference), EmpiricalCdf.of(current));
  }

  /**
   * Compares distributions as if they were exact; for sketches use {@link #testWithin}.
   *
   * @throws IllegalArgumentException if either is empty
   */
  public static TestOutcome test(EmpiricalCdf reference, EmpiricalCdf current) {
    requireValues(reference, current);
    double gap = CdfDistance.KOLMOGOROV_SMIRNOV.between(reference, current);
    return new TestOutcome(
        gap, pValue(gap, reference.count(), current.count()), reference.count(), current.count());
  }

  /**
   * What is known when the distributions come from sketches. A sketch's ranks are off by a sum of
   * many small random errors, independent of the sample and of the other sketch, so the squares of
   * both add up: a level needs a gap of √(gap of exact distributions² + band²). Below a level of 1
   * % the band is widened as the tail 2 exp(−x²) of such sums widens; above it is not narrowed,
   * because the largest of many errors lies close to its band.
   *
   * @param statistic the measured gap
   * @param band both rank errors together, at 99 % confidence
   * @param pValue with the sketches' errors counted in
   * @param pValueIfExact p-value if the sketches had no errors; where only this one is below the
   *     level, the sketches are too coarse to tell
   * @param reference values in the reference window
   * @param current values in the current window
   */
  public record Banded(
      double statistic,
      double band,
      double pValue,
      double pValueIfExact,
      long reference,
      long current) {

    /** Whether the gap would be significant if the sketches had no errors, and is not with them. */
    public boolean tooCoarse(double level) {
      return pValueIfExact < level && pValue >= level;
    }

    /** The measured gap from which the p-value is below a level; 1 when none can be. */
    public double criticalValue(double level) {
      return smallest(level, gap -> KolmogorovSmirnov.pValue(gap, band, reference, current));
    }
  }

  /**
   * Compares distributions that may come from sketches.
   *
   * @throws IllegalArgumentException if either is empty
   */
  public static Banded testWithin(EmpiricalCdf reference, EmpiricalCdf current) {
    requireValues(reference, current);
    double gap = CdfDistance.KOLMOGOROV_SMIRNOV.between(reference, current);
    double band = Math.hypot(reference.rankError(), current.rankError());
    long n = reference.count();
    long m = current.count();
    return new Banded(gap, band, pValue(gap, band, n, m), pValue(gap, n, m), n, m);
  }

  private static double pValue(double gap, double band, long n, long m) {
    if (band == 0) {
      return pValue(gap, n, m);
    }
    double beyond = Math.sqrt(Math.max(0, (gap - band) * (gap + band)));
    double widened = 1.0 / n + 1.0 / m + 2 * band * band / Math.log(200);
    return Math.max(pValue(beyond, n, m), limit(gap / Math.sqrt(widened)));
  }

  private static void requireValues(EmpiricalCdf reference, EmpiricalCdf current) {
    if (reference.count() == 0 || current.count() == 0) {
      throw new IllegalArgumentException(
          "both windows need values, have %d and %d".formatted(reference.count(), current.count()));
    }
  }

  /**
   * Probability of a gap of at least {@code gap} between samples of n and m of one distribution.
   */
  public static double pValue(double gap, long n, long m) {
    if (n <= EXACT_PRODUCT && m <= EXACT_PRODUCT && n * m <= EXACT_PRODUCT && n > 1 && m > 1) {
      return Math.clamp(new KolmogorovSmirnovTest().exactP(gap, (int) n, (int) m, false), 0.0, 1.0);
    }
    return limit(gap * Math.sqrt((double) n * m / ((double) n + m)));
  }

  /** Smallest gap whose p-value is below {@code level}; 1 when no gap can be significant. */
  public static double criticalValue(double level, long n, long m) {
    return smallest(level, gap -> pValue(gap, n, m));
  }

  private static double smallest(double level, DoubleUnaryOperator pValue) {
    if (pValue.applyAsDouble(1) >= level) {
      return 1;
    }
    double low = 0;
    double high = 1;
    for (int i = 0; i < 40 && high - low > 1e-9; i++) {
      double mid = (low + high) / 2;
      if (pValue.applyAsDouble(mid) < level) {
        high = mid;
      } else {
        low = mid;
      }
    }
    return high;
  }

  /** Upper tail of Kolmogorov's distribution. */
  private static double limit(double lambda) {
    if (lambda < 0.2) {
      return 1; // the tail differs from 1 by less than 1e-12
    }
    double sum = 0;
    double sign = 1;
    for (int k = 1; k <= 100; k++) {
      double term = Math.exp(-2.0 * k * k * lambda * lambda);
      sum += sign * term;
      sign = -sign;
      if (term < 1e-17) {
        break;
      }
    }
    return Math.clamp(2 * sum, 0.0, 1.0);
  }
}
