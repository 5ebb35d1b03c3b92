// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.forecast;

/**
 * What the next value of a series should be.
 *
 * @param expected the best guess
 * @param low least value that is no surprise, −∞ where there is no lower bound
 * @param high greatest value that is no surprise, +∞ where there is no upper bound
 * @param basis number of earlier values that the width of the band was learned from
 */
public record Forecast(double expected, double low, double high, int basis) {
  /** Checks the order. */
  public Forecast {
    if (!(low <= expected && expected <= high) || basis < 0) {
      throw new IllegalArgumentException(
          "need low ≤ expected ≤ high and basis ≥ 0, were %s, %s, %s, %d"
              .formatted(low, expected, high, basis));
    }
  }

  /** Whether the value is no surprise; NaN is one. */
  public boolean contains(double value) {
    return value >= low && value <= high;
  }
}
