// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

/**
 * Two-sample Anderson-Darling test with mid-ranks: like Kolmogorov-Smirnov, but sensitive in the
 * tails. Applies to raw values of one numeric column, ties allowed. The statistic is the
 * standardised A² of Scholz and Stephens, "K-sample Anderson-Darling tests", 1987 (equation 7 with
 * equation 4's variance).
 *
 * <p>The p-value comes from the paper's table 1 by a quadratic fit of log p against the critical
 * values, as R and SciPy do; it is limited to [0.001, 0.25] because the table ends there.
 */
public final class AndersonDarling {
  private static final double[] LEVELS = {0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001};
  // Critical value of the standardised statistic for m = 1 (two samples): b0 + b1 + b2.
  private static final double[] CRITICAL = {
    0.675 - 0.245 - 0.105,
    1.281 + 0.25 - 0.305,
    1.645 + 0.678 - 0.362,
    1.96 + 1.149 - 0.391,
    2.326 + 1.822 - 0.396,
    2.573 + 2.364 - 0.345,
    3.085 + 3.615 - 0.154
  };

  private AndersonDarling() {}

  /**
   * Compares raw samples. All values equal gives p = 0.25, the largest it can say.
   *
   * @throws IllegalArgumentException if a sample is empty or not finite, or both have one value
   */
  public static TestOutcome test(double[] reference, double[] current) {
    Ranks ranks = new Ranks(reference, current);
    int total = ranks.total();
    if (total < 4) {
      throw new IllegalArgumentException("need at least 4 values together, have " + total);
    }
    double raw = midRankStatistic(ranks, reference.length, current.length);
    double statistic = (raw - 1) / Math.sqrt(variance(total, reference.length, current.length));
    return new TestOutcome(statistic, pValue(statistic), reference.length, current.length);
  }

  private static double midRankStatistic(Ranks ranks, int n, int m) {
    int total = ranks.total();
    double sumReference = 0;
    double sumCurrent = 0;
    double belowReference = 0;
    double belowCurrent = 0;
    for (int from = 0; from < total; ) {
      int to = from;
      double inReference = 0;
      double inCurrent = 0;
      for (; to < total && ranks.value(to) == ranks.value(from); to++) {
        if (ranks.fromCurrent(to)) {
          inCurrent++;
        } else {
          inReference++;
        }
      }
      double ties = to - from;
      double mid = from + ties / 2;
      double weight = mid * (total - mid) - total * ties / 4;
      if (weight > 0) {
        double missReference = total * (belowReference + inReference / 2) - n * mid;
        double missCurrent = total * (belowCurrent + inCurrent / 2) - m * mid;
        sumReference += ties * missReference * missReference / weight;
        sumCurrent += ties * missCurrent * missCurrent / weight;
      }
      belowReference += inReference;
      belowCurrent += inCurrent;
      from = to;
    }
    double sum = (sumReference / n + sumCurrent / m) / total;
    return sum * (total - 1.0) / total;
  }

  /** Variance of the raw statistic of two samples when nothing changed. */
  private static double variance(int total, int n, int m) {
    double harmonicSizes = 1.0 / n + 1.0 / m;
    double harmonic = 0;
    double g = 0;
    double tail = 0;
    for (int i = total - 1; i >= 1; i--) {
      harmonic += 1.0 / i;
    }
    // g = Σ_{i=1}^{N−2} Σ_{j=i+1}^{N−1} 1/((N−i)·j), with the inner sum kept from the far end.
    for (int i = total - 2; i >= 1; i--) {
      tail += 1.0 / (i + 1);
      g += tail / (total - i);
    }
    double k = 2;
    double a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * harmonicSizes;
    double b =
        (2 * g - 4) * k * k
            + 8 * harmonic * k
            + (2 * g - 14 * harmonic - 4) * harmonicSizes
            - 8 * harmonic
            + 4 * g
            - 6;
    double c =
        (6 * harmonic + 2 * g - 2) * k * k
            + (4 * harmonic - 4 * g + 6) * k
            + (2 * harmonic - 6) * harmonicSizes
            + 4 * harmonic;
    double d = (2 * harmonic + 6) * k * k - 4 * harmonic * k;
    double big = total;
    return (a * big * big * big + b * big * big + c * big + d)
        / ((big - 1) * (big - 2) * (big - 3));
  }

  private static double pValue(double statistic) {
    if (statistic < CRITICAL[0]) {
      return LEVELS[0];
    } else if (statistic > CRITICAL[CRITICAL.length - 1]) {
      return LEVELS[LEVELS.length - 1];
    }
    double[] fit = quadraticFit();
    double exponent = fit[0] + statistic * (fit[1] + statistic * fit[2]);
    return Math.clamp(Math.exp(exponent), LEVELS[LEVELS.length - 1], LEVELS[0]);
  }

  /** Least squares of log level on (1, x, x²) by the normal equations of seven points. */
  private static double[] quadraticFit() {
    double[][] a = new double[3][4];
    for (int i = 0; i < CRITICAL.length; i++) {
      double[] row = {1, CRITICAL[i], CRITICAL[i] * CRITICAL[i]};
      for (int r = 0; r < 3; r++) {
        for (int c = 0; c < 3; c++) {
          a[r][c] += row[r] * row[c];
        }
        a[r][3] += row[r] * Math.log(LEVELS[i]);
      }
    }
    for (int p = 0; p < 3; p++) {
      for (int r = 0; r < 3; r++) {
        if (r != p) {
          double factor = a[r][p] / a[p][p];
          for (int c = p; c < 4; c++) {
            a[r][c] -= factor * a[p][c];
          }
        }
      }
    }
    return new double[] {a[0][3] / a[0][0], a[1][3] / a[1][1], a[2][3] / a[2][2]};
  }
}
