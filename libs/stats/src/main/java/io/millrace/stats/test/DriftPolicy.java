// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

/**
 * When a significant change is large enough to be called drift.
 *
 * @param minimumEffect least Jensen-Shannon distance (square root of the divergence in bits, within
 *     [0, 1]) that counts; 0 turns the requirement off
 * @param effectFromRows rows of the smaller window from which the least effect is asked for; in
 *     smaller ones significance alone decides, because what is significant there is seldom small
 * @param minimumRows rows that each window needs before anything is judged
 * @param bins number of reference-quantile bins that the effect of a numeric column is measured on
 */
public record DriftPolicy(double minimumEffect, long effectFromRows, long minimumRows, int bins) {
  /**
   * Effect 0.04 beyond 1,000 rows (a normal column moved by a tenth of its standard deviation,
   * where Evidently's least Wasserstein distance lies too), 30 rows, deciles.
   */
  public static final DriftPolicy DEFAULT = new DriftPolicy(0.04, 1_001, 30, 10);

  /** Checks the ranges. */
  public DriftPolicy {
    if (!(minimumEffect >= 0 && minimumEffect <= 1)) {
      throw new IllegalArgumentException("minimumEffect must lie in [0, 1], was " + minimumEffect);
    }
    if (effectFromRows < 0 || minimumRows < 1 || bins < 2) {
      throw new IllegalArgumentException(
          "effectFromRows must be ≥ 0, minimumRows ≥ 1 and bins ≥ 2, were %d, %d and %d"
              .formatted(effectFromRows, minimumRows, bins));
    }
  }

  /** The least effect that counts as drift between windows of these sizes. */
  public double leastEffect(long referenceRows, long currentRows) {
    return Math.min(referenceRows, currentRows) < effectFromRows ? 0 : minimumEffect;
  }

  /** This policy with another least effect, which windows of every size are held to. */
  public DriftPolicy withMinimumEffect(double effect) {
    return new DriftPolicy(effect, 0, minimumRows, bins);
  }

  /** This policy with another least number of rows. */
  public DriftPolicy withMinimumRows(long rows) {
    return new DriftPolicy(minimumEffect, effectFromRows, rows, bins);
  }
}
