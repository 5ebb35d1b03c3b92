// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import io.millrace.stats.test.Normal;

/**
 * A confidence interval.
 *
 * @param low lower end
 * @param high upper end
 * @param confidence probability with which such intervals hold the truth, within (0, 1)
 */
public record Interval(double low, double high, double confidence) {
  /**
   * The interval of a share that was seen {@code hits} times in {@code count} independent rows:
   * Wilson's score interval (1927), which stays inside [0, 1] and has a width where all rows agree.
   *
   * @return [0, 1] without rows
   */
  public static Interval ofShare(double hits, double count, double confidence) {
    if (!(hits >= 0 && hits <= count)) {
      throw new IllegalArgumentException("need 0 ≤ hits ≤ count, were " + hits + ", " + count);
    }
    if (count == 0) {
      return new Interval(0, 1, confidence);
    }
    double z = Normal.quantile(1 - (1 - confidence) / 2);
    double share = hits / count;
    double square = z * z / count;
    double centre = (share + square / 2) / (1 + square);
    double half = z * Math.sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square);
    return new Interval(Math.max(0, centre - half), Math.min(1, centre + half), confidence);
  }

  /**
   * The interval of a mean of many independent values: the normal one, cut to what the mean can be.
   *
   * @param standardError of the mean; where it is not known (NaN), all that can be is inside
   * @param least smallest possible mean
   * @param most largest possible mean
   */
  static Interval ofMean(
      double mean, double standardError, double confidence, double least, double most) {
    if (!(standardError >= 0)) {
      return new Interval(least, most, confidence);
    }
    double half = Normal.quantile(1 - (1 - confidence) / 2) * standardError;
    return new Interval(Math.max(least, mean - half), Math.min(most, mean + half), confidence);
  }

  /** Whether the interval holds the value. */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }
}
