// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import org.hipparchus.special.Gamma;

/**
 * Two-sample Cramér-von Mises test: the squared gap between the distribution functions, summed over
 * all values. Applies to raw values of one numeric column, ties allowed. Source: T. W. Anderson,
 * "On the distribution of the two-sample Cramér-von Mises criterion", 1962. The p-value is
 * asymptotic, after matching mean and variance of the statistic at these sizes; good from about 10
 * values a side.
 */
public final class CramerVonMises {
  private CramerVonMises() {}

  /**
   * Compares raw samples; the statistic is Anderson's T.
   *
   * @throws IllegalArgumentException if a sample is empty or not finite
   */
  public static TestOutcome test(double[] reference, double[] current) {
    Ranks ranks = new Ranks(reference, current);
    double n = reference.length;
    double m = current.length;
    double total = n + m;
    double sumReference = 0;
    double sumCurrent = 0;
    int seenReference = 0;
    int seenCurrent = 0;
    for (int i = 0; i < ranks.total(); i++) {
      if (ranks.fromCurrent(i)) {
        double miss = ranks.rank(i) - ++seenCurrent;
        sumCurrent += miss * miss;
      } else {
        double miss = ranks.rank(i) - ++seenReference;
        sumReference += miss * miss;
      }
    }
    double u = n * sumReference + m * sumCurrent;
    double product = n * m;
    double statistic = u / (product * total) - (4 * product - 1) / (6 * total);
    double mean = (1 + 1 / total) / 6;
    double variance =
        (total + 1)
            * (4 * product * total - 3 * (n * n + m * m) - 2 * product)
            / (45 * total * total * 4 * product);
    double scaled = (statistic - mean) / Math.sqrt(45 * variance) + 1.0 / 6;
    double p = scaled < 0.003 ? 1 : 1 - limitCdf(scaled);
    return new TestOutcome(statistic, Math.clamp(p, 0.0, 1.0), reference.length, current.length);
  }

  /** Limiting distribution (Anderson and Darling 1952, equation 4.35). */
  static double limitCdf(double x) {
    double sum = 0;
    for (int k = 0; k < 50; k++) {
      double y = 4 * k + 1.0;
      double q = y * y / (16 * x);
      double coefficient =
          Math.exp(Gamma.logGamma(k + 0.5) - Gamma.logGamma(k + 1.0)) / Math.pow(Math.PI, 1.5);
      double term = coefficient * Math.sqrt(y) / Math.sqrt(x) * scaledBesselK(q);
      sum += term;
      if (Math.abs(term) < 1e-12) {
        break;
      }
    }
    return Math.min(1, sum);
  }

  /** exp(−q)·K_{1/4}(q) by its integral, whose trapezoid sum converges geometrically. */
  private static double scaledBesselK(double q) {
    double step = 1.0 / 64;
    double sum = Math.exp(-2 * q) / 2;
    for (int i = 1; i < 64 * 40; i++) {
      double t = i * step;
      double exponent = -q * (1 + Math.cosh(t)) + t / 4;
      sum += Math.exp(exponent) * (1 + Math.exp(-t / 2)) / 2;
      if (exponent < -745) {
        break;
      }
    }
    return sum * step;
  }
}
