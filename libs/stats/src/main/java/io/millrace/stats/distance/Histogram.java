// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.distance;

import java.util.List;

/**
 * A histogram with its own boundaries.
 *
 * @param buckets ranges that do not overlap, with finite bounds
 * @param nan number of NaN values
 */
public record Histogram(List<Bucket> buckets, double nan) {
  /** Copies and checks. */
  public Histogram {
    buckets = List.copyOf(buckets);
    if (!(nan >= 0)) {
      throw new IllegalArgumentException("nan must not be negative, was " + nan);
    }
  }

  /**
   * One range.
   *
   * @param low lower bound
   * @param high upper bound, equal to {@code low} for a single value
   * @param count values inside, not negative, possibly fractional
   */
  public record Bucket(double low, double high, double count) {
    /** Checks order and sign. */
    public Bucket {
      if (!(low <= high) || !Double.isFinite(low) || !Double.isFinite(high) || !(count >= 0)) {
        throw new IllegalArgumentException(
            "bucket [%s, %s] with count %s".formatted(low, high, count));
      }
    }
  }
}
