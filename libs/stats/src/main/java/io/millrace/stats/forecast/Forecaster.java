// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.forecast;

import java.util.Arrays;
import java.util.Optional;

/**
 * Foretells the next value of an evenly spaced series. Pure and immutable: the whole history is
 * given each time, so there is no state to keep or to lose.
 */
public interface Forecaster {
  /** Name of the method, as reports and settings write it. */
  String name();

  /**
   * The value that should follow.
   *
   * @param history values in order of time, NaN where there is none (a gap)
   * @return empty where the history is too short or has too many gaps to tell
   * @throws IllegalArgumentException if a value is infinite
   */
  Optional<Forecast> next(double[] history);

  /**
   * The same method on the logarithm of one plus the value: for counts, whose ups and downs are in
   * proportion to their size. The band is then never below 0 and wider above than below.
   *
   * @return a forecaster that refuses values below 0
   */
  default Forecaster ofCounts() {
    Forecaster inner = this;
    return new Forecaster() {
      @Override
      public String name() {
        return inner.name();
      }

      @Override
      public Optional<Forecast> next(double[] history) {
        double[] logs = Arrays.stream(history).map(Forecaster::logOfCount).toArray();
        return inner
            .next(logs)
            .map(
                on ->
                    new Forecast(
                        count(on.expected()), count(on.low()), count(on.high()), on.basis()));
      }
    };
  }

  private static double logOfCount(double value) {
    if (value < 0) {
      throw new IllegalArgumentException("counts must not be negative, was " + value);
    }
    return Math.log1p(value);
  }

  private static double count(double log) {
    return Math.max(0, Math.expm1(log));
  }
}
