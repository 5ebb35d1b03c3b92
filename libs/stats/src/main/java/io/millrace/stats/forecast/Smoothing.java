// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.forecast;

/**
 * The weights of exponential smoothing: how much of an error goes into level, trend and season.
 *
 * @param level α, within [0, 1]
 * @param trend β: share of a move of the level that becomes trend, within [0, 1]
 * @param season γ, within [0, 1]
 */
record Smoothing(double level, double trend, double season) {
  private static final double[] LEVELS = {0.02, 0.1, 0.2, 0.4, 0.7, 0.95};
  private static final double[] TRENDS = {0, 0.02, 0.1, 0.3};
  private static final double[] SEASONS = {0, 0.05, 0.15, 0.4, 0.8};
  private static final double FIRST_STEP = 0.1;
  private static final double LAST_STEP = 0.002;
  private static final double LEAST_GAIN = 1e-9;

  /**
   * Runs the state over the values, NaN being a gap.
   *
   * @param clip an error counts at most this much
   * @return sum of the squared one-step errors as they count
   */
  double run(Seasonal state, double[] values, double clip) {
    double squares = 0;
    for (double value : values) {
      double error = 0;
      if (!Double.isNaN(value)) {
        error = Math.clamp(value - state.forecast(), -clip, clip);
        squares += error * error;
      }
      state.advance(this, error);
    }
    return squares;
  }

  /** The weights of least squared errors. */
  static Smoothing fit(Seasonal start, double[] values, double clip) {
    Smoothing best = new Smoothing(LEVELS[0], TRENDS[0], SEASONS[0]);
    double least = best.run(start.copy(), values, clip);
    for (double level : LEVELS) {
      for (double trend : TRENDS) {
        for (double season : SEASONS) {
          Smoothing tried = new Smoothing(level, trend, season);
          double squares = tried.run(start.copy(), values, clip);
          if (squares < least) {
            least = squares;
            best = tried;
          }
        }
      }
    }
    for (double step = FIRST_STEP; step >= LAST_STEP; ) {
      Smoothing better = best.neighbour(step, start, values, clip, least * (1 - LEAST_GAIN));
      if (better.equals(best)) {
        step /= 2;
      } else {
        best = better;
        least = best.run(start.copy(), values, clip);
      }
    }
    return best;
  }

  /** The best weights a step away along one axis, or these where none gains. */
  private Smoothing neighbour(
      double step, Seasonal start, double[] values, double clip, double limit) {
    Smoothing best = this;
    double least = limit;
    for (int axis = 0; axis < 6; axis++) {
      double by = axis % 2 == 0 ? step : -step;
      Smoothing tried =
          switch (axis / 2) {
            case 0 -> new Smoothing(share(level + by), trend, season);
            case 1 -> new Smoothing(level, share(trend + by), season);
            default -> new Smoothing(level, trend, share(season + by));
          };
      double squares = tried.run(start.copy(), values, clip);
      if (squares < least) {
        least = squares;
        best = tried;
      }
    }
    return best;
  }

  private static double share(double value) {
    return Math.clamp(value, 0, 1);
  }

  /** Variance of a forecast after {@code gaps} unknown values, in variances of one step. */
  double varianceGrowth(int gaps, int period) {
    double growth = 1;
    for (int j = 1; j <= gaps; j++) {
      double weight = level * (1 + trend * j) + (j % period == 0 ? season : 0);
      growth += weight * weight;
    }
    return growth;
  }
}
