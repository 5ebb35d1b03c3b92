// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.forecast;

import java.util.Optional;

/** Level, trend and season before a place in a series. Mutable; not thread-safe. */
final class Seasonal {
  private final int begins;
  private final double[] season;
  private double level;
  private double trend;
  private int place;

  /**
   * A known state.
   *
   * @param begins index of the value that it foretells
   * @param season what each place of the season adds, beginning with the next one
   */
  Seasonal(int begins, double level, double trend, double... season) {
    this.begins = begins;
    this.level = level;
    this.trend = trend;
    this.season = season.clone();
  }

  /**
   * The state after the two seasons from an index on: the trend is the mean growth from one to the
   * other, level and season what is left.
   *
   * @return empty where a place of the season has a gap in both
   */
  static Optional<Seasonal> of(double[] history, int from, int period) {
    double growth = 0;
    int pairs = 0;
    for (int i = from; i < from + period; i++) {
      double step = history[i + period] - history[i];
      if (!Double.isNaN(step)) {
        growth += step;
        pairs++;
      } else if (Double.isNaN(history[i]) && Double.isNaN(history[i + period])) {
        return Optional.empty();
      }
    }
    double trend = pairs == 0 ? 0 : growth / pairs / period;
    double[] base = new double[period];
    double mean = 0;
    for (int i = 0; i < period; i++) {
      double first = history[from + i] - trend * i;
      double second = history[from + i + period] - trend * (i + period);
      base[i] = Double.isNaN(first) ? second : Double.isNaN(second) ? first : (first + second) / 2;
      mean += base[i] / period;
    }
    for (int i = 0; i < period; i++) {
      base[i] -= mean;
    }
    return Optional.of(
        new Seasonal(from + 2 * period, mean + trend * (2 * period - 1), trend, base));
  }

  Seasonal copy() {
    Seasonal copy = new Seasonal(begins, level, trend, season);
    copy.place = place;
    return copy;
  }

  /** Index of the first value that this state foretells, when it was made. */
  int begins() {
    return begins;
  }

  /** The next value. */
  double forecast() {
    return level + trend + season[place];
  }

  /** Moves on by one value that was off by this much; 0 for a gap. */
  void advance(Smoothing weights, double error) {
    level += trend + weights.level() * error;
    trend += weights.level() * weights.trend() * error;
    season[place] += weights.season() * error;
    place = place + 1 == season.length ? 0 : place + 1;
  }

  double level() {
    return level;
  }

  double trend() {
    return trend;
  }

  /** What each place of the season adds, beginning with the next one. */
  double[] season() {
    double[] ordered = new double[season.length];
    for (int i = 0; i < ordered.length; i++) {
      ordered[i] = season[(place + i) % season.length];
    }
    return ordered;
  }
}
