// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import io.millrace.stats.distance.AlignedBins;
import io.millrace.stats.profile.ColumnProfile;

/** The values of two profiles of one column over the same bins. */
public final class ColumnBins {
  private ColumnBins() {}

  /**
   * Categories where either side holds no numbers or both together only a few different ones,
   * otherwise bins of equal shares of the reference's numbers. Categories that a sketch cannot
   * count well enough share one bin.
   *
   * @param bins number of the latter, 2 or more
   */
  public static AlignedBins of(ColumnProfile reference, ColumnProfile current, int bins) {
    return numeric(reference, current)
        ? AlignedBins.ofQuantiles(reference.cdf(), current.cdf(), bins)
        : Categories.of(reference, current);
  }

  /** The same for a test of significance, which must not choose its bins by one of the sides. */
  static AlignedBins forTest(ColumnProfile reference, ColumnProfile current, int bins) {
    return numeric(reference, current)
        ? AlignedBins.ofQuantiles(reference.cdf(), current.cdf(), bins)
        : Categories.forTest(reference, current);
  }

  private static boolean numeric(ColumnProfile reference, ColumnProfile current) {
    return reference.numbers() > 0
        && current.numbers() > 0
        && !ColumnDrift.fewValues(reference, current);
  }
}
