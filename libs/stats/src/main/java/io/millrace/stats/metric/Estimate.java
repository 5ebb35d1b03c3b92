// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

/**
 * A figure and how well it is known.
 *
 * @param value of the rows seen; NaN where they define none
 * @param low lower end of its confidence interval
 * @param high upper end
 */
public record Estimate(double value, double low, double high) {
  static Estimate of(double value, Interval interval) {
    return new Estimate(value, interval.low(), interval.high());
  }
}
