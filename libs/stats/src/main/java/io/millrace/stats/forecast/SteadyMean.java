// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.forecast;

import io.millrace.stats.profile.Moments;
import java.util.Optional;

/**
 * The next value lies within a number of standard deviations around the mean of those before it.
 *
 * <p>The band is a prediction interval: mean and deviation are estimates, so it is wider by √(1 +
 * 1/n) and by Student's t, and only in the limit exactly mean ± {@code sigmas} deviations. Taking
 * three plain deviations after five values would raise a false alarm on one steady series in
 * nineteen instead of one in 370.
 *
 * @param sigmas width of the band in normal deviations, within (0, 6]
 * @param minimum values that are needed, 2 or more
 */
public record SteadyMean(double sigmas, int minimum) implements Forecaster {
  /** Three deviations, five values. */
  public static final SteadyMean DEFAULT = new SteadyMean(3, 5);

  /** Name of the method. */
  public static final String NAME = "mean_3_sigma";

  /** Checks the ranges. */
  public SteadyMean {
    Band.requireSigmas(sigmas);
    if (minimum < 2) {
      throw new IllegalArgumentException("minimum must be at least 2, was " + minimum);
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<Forecast> next(double[] history) {
    int present = Band.present(history);
    if (present < minimum) {
      return Optional.empty();
    }
    Moments moments = new Moments();
    for (double value : history) {
      if (!Double.isNaN(value)) {
        moments.add(value);
      }
    }
    double mean = moments.mean();
    double half =
        Band.halfWidth(sigmas, present - 1)
            * moments.standardDeviation()
            * Math.sqrt(1 + 1.0 / present);
    return Optional.of(new Forecast(mean, mean - half, mean + half, present));
  }
}
