// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.distance;

import io.millrace.stats.profile.EmpiricalCdf;

/**
 * Distances between two distributions of numbers, computed from their step functions in one sweep:
 * exact from raw samples, within the sketch's rank error otherwise. NaN when either side is empty.
 */
public enum CdfDistance {
  /**
   * Largest gap between the two functions, in [0, 1]: the Kolmogorov-Smirnov statistic. A sketch
   * moves it by at most its rank error. Default 0.1.
   */
  KOLMOGOROV_SMIRNOV(0.1) {
    @Override
    double distance(EmpiricalCdf a, EmpiricalCdf b) {
      return sweep(a, b, 0);
    }
  },

  /**
   * Area between the two functions: the Wasserstein-1 (earth mover's) distance, in the unit of the
   * column; infinite where the numbers lie more than a double apart. No default threshold is
   * possible in that unit; see {@link #WASSERSTEIN_NORMED}.
   */
  WASSERSTEIN(Double.NaN) {
    @Override
    double distance(EmpiricalCdf a, EmpiricalCdf b) {
      return sweep(a, b, 1);
    }
  },

  /**
   * Wasserstein-1 in standard deviations of the reference window (at least 0.001); default 0.1 as
   * in Evidently.
   */
  WASSERSTEIN_NORMED(0.1) {
    @Override
    double distance(EmpiricalCdf a, EmpiricalCdf b) {
      double scale = Math.max(magnitude(a), magnitude(b)) > HUGE ? 1 / HUGE / HUGE : 1;
      EmpiricalCdf p = scale == 1 ? a : a.mapped(scale, 0);
      EmpiricalCdf q = scale == 1 ? b : b.mapped(scale, 0);
      return sweep(p, q, 1) / Math.max(standardDeviation(p), 0.001 * scale);
    }
  },

  /**
   * Energy distance √(2∫(F−G)²), in the square root of the column's unit. Source: Székely and
   * Rizzo, "Energy statistics", 2013.
   */
  ENERGY(Double.NaN) {
    @Override
    double distance(EmpiricalCdf a, EmpiricalCdf b) {
      return Math.sqrt(2 * sweep(a, b, 2));
    }
  };

  /** Numbers beyond this are scaled down before they are squared or subtracted. */
  private static final double HUGE = 1e100;

  private final double defaultThreshold;

  CdfDistance(double defaultThreshold) {
    this.defaultThreshold = defaultThreshold;
  }

  abstract double distance(EmpiricalCdf a, EmpiricalCdf b);

  /** Above this the change is commonly called drift; NaN where the unit forbids a default. */
  public double defaultThreshold() {
    return defaultThreshold;
  }

  /** The distance of the current from the reference window; NaN when either is empty. */
  public double between(EmpiricalCdf reference, EmpiricalCdf current) {
    return reference.count() == 0 || current.count() == 0
        ? Double.NaN
        : distance(reference, current);
  }

  /** Largest gap for power 0, otherwise the integral of the gap to that power. */
  private static double sweep(EmpiricalCdf a, EmpiricalCdf b, int power) {
    int i = 0;
    int j = 0;
    double result = 0;
    double gap = 0;
    double previous = Double.NaN;
    while (i < a.size() || j < b.size()) {
      double x =
          j >= b.size() || (i < a.size() && a.value(i) <= b.value(j)) ? a.value(i) : b.value(j);
      if (power > 0 && gap > 0) { // no gap over an infinite width is no distance
        result += (power == 1 ? gap : gap * gap) * (x - previous);
      }
      if (i < a.size() && a.value(i) == x) {
        i++;
      }
      if (j < b.size() && b.value(j) == x) {
        j++;
      }
      gap = Math.abs((i == 0 ? 0 : a.cdfAt(i - 1)) - (j == 0 ? 0 : b.cdfAt(j - 1)));
      result = power == 0 ? Math.max(result, gap) : result;
      previous = x;
    }
    return result;
  }

  private static double magnitude(EmpiricalCdf cdf) {
    return Math.max(Math.abs(cdf.value(0)), Math.abs(cdf.value(cdf.size() - 1)));
  }

  private static double standardDeviation(EmpiricalCdf cdf) {
    double mean = 0;
    double m2 = 0;
    double below = 0;
    for (int i = 0; i < cdf.size(); i++) {
      double share = cdf.cdfAt(i) - below;
      below = cdf.cdfAt(i);
      double delta = cdf.value(i) - mean;
      mean += delta * share / below;
      m2 += share * delta * (cdf.value(i) - mean);
    }
    return Math.sqrt(Math.max(0, m2));
  }
}
