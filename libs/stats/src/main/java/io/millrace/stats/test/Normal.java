// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import org.hipparchus.special.Erf;

/** Tails and quantiles of the standard normal distribution, accurate far out. */
public final class Normal {
  private Normal() {}

  /** Probability of a value above {@code z}. */
  public static double upperTail(double z) {
    return 0.5 * Erf.erfc(z / Math.sqrt(2));
  }

  /** Probability of a value at least as far from 0 as {@code z}. */
  public static double twoSided(double z) {
    return Erf.erfc(Math.abs(z) / Math.sqrt(2));
  }

  /** The z that a value stays below with the given probability, within (0, 1). */
  public static double quantile(double probability) {
    return -Math.sqrt(2) * Erf.erfcInv(2 * probability);
  }
}
