// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

/**
 * A confidence interval.
 *
 * @param low lower end
 * @param high upper end
 * @param confidence probability with which such intervals hold the truth, within (0, 1)
 */
public record Interval(double low, double high, double confidence) {
  /** Whether the interval holds the value. */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }
}
