// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

/**
 * When a significant change is large enough to be called drift.
 *
 * @param minimumEffect least Jensen-Shannon distance (square root of the divergence in bits, within
 *     [0, 1]) that counts; 0 turns the requirement off
 * @param minimumRows rows that each window needs before anything is judged
 * @param bins number of reference-quantile bins that the effect of a numeric column is measured on
 */
public record DriftPolicy(double minimumEffect, long minimumRows, int bins) {
  /**
   * Effect 0.05 (a normal column moved by about 0.11 standard deviations, where Evidently's least
   * Wasserstein distance lies too), 30 rows, deciles.
   */
  public static final DriftPolicy DEFAULT = new DriftPolicy(0.05, 30, 10);

  /** Checks the ranges. */
  public DriftPolicy {
    if (!(minimumEffect >= 0 && minimumEffect <= 1)) {
      throw new IllegalArgumentException("minimumEffect must lie in [0, 1], was " + minimumEffect);
    }
    if (minimumRows < 1 || bins < 2) {
      throw new IllegalArgumentException(
          "minimumRows must be ≥ 1 and bins ≥ 2, were %d and %d".formatted(minimumRows, bins));
    }
  }

  /** This policy with another least effect. */
  public DriftPolicy withMinimumEffect(double effect) {
    return new DriftPolicy(effect, minimumRows, bins);
  }

  /** This policy with another least number of rows. */
  public DriftPolicy withMinimumRows(long rows) {
    return new DriftPolicy(minimumEffect, rows, bins);
  }
}
