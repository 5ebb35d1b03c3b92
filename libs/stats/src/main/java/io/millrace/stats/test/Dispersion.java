// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import io.millrace.stats.distance.AlignedBins;
import io.millrace.stats.profile.ColumnProfile;
import java.util.Collection;
import org.hipparchus.distribution.continuous.FDistribution;

/**
 * How far the counts of two windows lie apart: Pearson's chi-squared with its degrees of freedom,
 * whose quotient is about 1 where rows are independent draws of one distribution. Rows that come in
 * groups (the visits of a person) make it larger by their design effect, and so does what differs
 * from window to window by nature; p-values of independent rows are then far too small. What the
 * quotient was between windows that nothing was wrong with tells how much: see {@link #exceeds}.
 *
 * <p>Sources: Rao and Scott, "The analysis of categorical data from complex sample surveys", 1981,
 * for the division by the mean design effect; McCullagh and Nelder, "Generalized linear models",
 * 1989, 4.5, for dispersion that is itself estimated.
 *
 * @param statistic chi-squared, 0 or more
 * @param freedom its degrees of freedom; 0 where nothing could be compared
 */
public record Dispersion(double statistic, int freedom) {
  /** Of windows that cannot be compared. */
  public static final Dispersion NONE = new Dispersion(0, 0);

  /** Checks the ranges. */
  public Dispersion {
    if (!(statistic >= 0) || freedom < 0) {
      throw new IllegalArgumentException(
          "need statistic ≥ 0 and freedom ≥ 0, were %s and %d".formatted(statistic, freedom));
    }
  }

  /** Of the values of a column, in bins as of {@link ColumnBins}; a rare category is pooled. */
  public static Dispersion ofValues(ColumnProfile reference, ColumnProfile current) {
    if (Categories.countable(reference) == 0 || Categories.countable(current) == 0) {
      return NONE;
    }
    return of(ColumnBins.forTest(reference, current, DriftPolicy.DEFAULT.bins()));
  }

  /** Of the classes of a column: missing, number, NaN, infinities, string, boolean, other. */
  public static Dispersion ofClasses(ColumnProfile reference, ColumnProfile current) {
    return of(AlignedBins.ofCategories(reference.composition(), current.composition()));
  }

  private static Dispersion of(AlignedBins bins) {
    double[][] pooled = ChiSquared.pooled(bins.reference(), bins.current());
    if (pooled[0].length < 2) {
      // All but one are rare, as where ColumnDrift asks Fisher: the largest against the rest.
      pooled = ColumnDrift.largestAndRest(bins);
    }
    int used = 0;
    for (int i = 0; i < pooled[0].length; i++) {
      used += pooled[0][i] + pooled[1][i] > 0 ? 1 : 0;
    }
    if (used == 0) {
      return NONE;
    }
    // Nothing but one value on either side: alike, in the one degree that a second would have.
    return used == 1
        ? new Dispersion(0, 1)
        : new Dispersion(ChiSquared.twoSample(pooled[0], pooled[1]).statistic(), used - 1);
  }

  /**
   * Whether these windows lie further apart than usual: Fisher's F of this quotient and of the
   * usual ones together, which are taken for at least the 1 of independent rows. False while none
   * is known.
   *
   * @param usual of windows that nothing was wrong with
   * @param level probability of saying so of another such window, within (0, 1)
   */
  public boolean exceeds(Collection<Dispersion> usual, double level) {
    double statistics = 0;
    long freedoms = 0;
    for (Dispersion each : usual) {
      statistics += each.statistic;
      freedoms += each.freedom;
    }
    if (freedom == 0 || freedoms == 0) {
      return false;
    }
    double ratio = statistic / freedom / Math.max(1, statistics / freedoms);
    return new FDistribution(freedom, (double) freedoms).cumulativeProbability(ratio) > 1 - level;
  }
}
