// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.forecast;

import java.util.Arrays;
import java.util.Optional;

/**
 * Level, trend and season of a series by Holt-Winters' additive exponential smoothing, with a
 * prediction band: volumes that differ by hour of the day or by day of the week surprise only where
 * they differ from what their own hour or day was before.
 *
 * <p>Sources: Winters, "Forecasting sales by exponentially weighted moving averages", 1960; the
 * variance of forecasts over several steps from Hyndman et al., "Forecasting with exponential
 * smoothing", 2008, table 6.2. The three weights are those of least squared one-step errors, found
 * by a fixed grid and a pattern search, so equal histories give equal answers.
 *
 * <p>Where the published method is fragile it was changed: a gap moves the level on by its trend
 * and changes nothing else, and an error counts at most {@value #CLIP} robust deviations, so that
 * an outlier in the past neither moves the level by its whole size nor widens the band. A lasting
 * change of level is followed within a few steps all the same. The first two seasons only start the
 * state; the width of the band comes from later one-step errors, three degrees of freedom less.
 *
 * <p>Cost: about 400 passes over the history.
 *
 * @param period values a season, 2 or more
 * @param sigmas width of the band in normal deviations, within (0, 6]
 */
public record HoltWinters(int period, double sigmas) implements Forecaster {
  /** Name of the method. */
  public static final String NAME = "holt_winters";

  static final double CLIP = 3;

  private static final int WEIGHTS = 3;
  private static final int LEAST_DEGREES = 3;
  // Consistency of the median absolute deviation with the normal standard deviation.
  private static final double MAD_TO_DEVIATION = 1.4826;

  /** A band of three normal deviations. */
  public HoltWinters(int period) {
    this(period, 3);
  }

  /** Checks the ranges. */
  public HoltWinters {
    if (period < 2) {
      throw new IllegalArgumentException("period must be at least 2, was " + period);
    }
    Band.requireSigmas(sigmas);
  }

  @Override
  public String name() {
    return NAME;
  }

  /**
   * The value that should follow. It takes two seasons to start, in which each place of the season
   * has a value at least once, and six values after them; earlier seasons with too many gaps are
   * left out.
   */
  @Override
  public Optional<Forecast> next(double[] history) {
    Band.present(history);
    Optional<Seasonal> started = start(history);
    if (started.isEmpty()) {
      return Optional.empty();
    }
    Seasonal start = started.get();
    double[] rest = Arrays.copyOfRange(history, start.begins(), history.length);
    int errors = Band.present(rest);
    int degrees = errors - WEIGHTS;
    if (degrees < LEAST_DEGREES) {
      return Optional.empty();
    }
    double clip = clip(history, period);
    Smoothing weights = Smoothing.fit(start, rest, clip);
    Seasonal state = start.copy();
    double squares = weights.run(state, rest, clip);
    double deviation =
        Math.sqrt(squares / degrees * weights.varianceGrowth(trailingGaps(rest), period));
    double half = Band.halfWidth(sigmas, degrees) * deviation;
    double expected = state.forecast();
    return Optional.of(new Forecast(expected, expected - half, expected + half, errors));
  }

  /** The state after the first two seasons that can start one. */
  private Optional<Seasonal> start(double[] history) {
    for (int from = 0; from + 2 * period <= history.length; from++) {
      Optional<Seasonal> found = Seasonal.of(history, from, period);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static int trailingGaps(double[] values) {
    int gaps = 0;
    while (gaps < values.length && Double.isNaN(values[values.length - 1 - gaps])) {
      gaps++;
    }
    return gaps;
  }

  /**
   * The size from which an error counts no more: {@value #CLIP} robust deviations of the
   * differences of a season; without limit where most of them are equal.
   */
  static double clip(double[] history, int period) {
    double[] differences = new double[history.length];
    int size = 0;
    for (int i = period; i < history.length; i++) {
      double difference = history[i] - history[i - period];
      if (!Double.isNaN(difference)) {
        differences[size++] = difference;
      }
    }
    if (size == 0) {
      return Double.POSITIVE_INFINITY;
    }
    double[] found = Arrays.copyOf(differences, size);
    double middle = median(found);
    for (int i = 0; i < size; i++) {
      found[i] = Math.abs(found[i] - middle);
    }
    double deviation = MAD_TO_DEVIATION * median(found) / Math.sqrt(2);
    return deviation > 0 ? CLIP * deviation : Double.POSITIVE_INFINITY;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int half = values.length / 2;
    return values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  }
}
