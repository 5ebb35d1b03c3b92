// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.forecast;

import java.util.Optional;

/**
 * The next value lies between two multiples of the newest one: a fixed rule for series of which
 * nothing else is known. Gaps are skipped.
 *
 * @param least lowest share of the newest value, within [0, 1]
 * @param most highest multiple of the newest value, 1 or more; infinite for no upper bound
 */
public record RateOfChange(double least, double most) implements Forecaster {
  /** From a half to the double. */
  public static final RateOfChange DEFAULT = new RateOfChange(0.5, 2);

  /** Name of the method. */
  public static final String NAME = "rate_of_change";

  /** Checks the ranges. */
  public RateOfChange {
    if (!(least >= 0 && least <= 1) || !(most >= 1)) {
      throw new IllegalArgumentException(
          "need 0 ≤ least ≤ 1 ≤ most, were %s and %s".formatted(least, most));
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  /** Empty too where the newest value is not above 0: there is no rate from there. */
  @Override
  public Optional<Forecast> next(double[] history) {
    if (Band.present(history) == 0) {
      return Optional.empty();
    }
    int newest = history.length - 1;
    while (Double.isNaN(history[newest])) {
      newest--;
    }
    double value = history[newest];
    return value > 0
        ? Optional.of(new Forecast(value, value * least, value * most, 1))
        : Optional.empty();
  }
}
