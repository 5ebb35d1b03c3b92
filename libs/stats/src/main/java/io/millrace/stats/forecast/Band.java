// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.forecast;

import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;

/** How far from its forecast a value may lie before it surprises. */
final class Band {
  private Band() {}

  /**
   * The half-width in standard deviations that leaves outside as much as {@code sigmas} normal
   * deviations would, when the deviation was itself estimated with this many degrees of freedom:
   * Student's t, which is wide after little history and {@code sigmas} after much.
   */
  static double halfWidth(double sigmas, int degrees) {
    double inside = new NormalDistribution().cumulativeProbability(sigmas);
    return new TDistribution(degrees).inverseCumulativeProbability(inside);
  }

  static double requireSigmas(double sigmas) {
    if (!(sigmas > 0 && sigmas <= 6)) {
      throw new IllegalArgumentException("sigmas must lie within (0, 6], was " + sigmas);
    }
    return sigmas;
  }

  /** Number of values that are no gaps; refuses infinite ones. */
  static int present(double[] history) {
    int present = 0;
    for (double value : history) {
      if (Double.isInfinite(value)) {
        throw new IllegalArgumentException("values must not be infinite, was " + value);
      }
      present += Double.isNaN(value) ? 0 : 1;
    }
    return present;
  }
}
