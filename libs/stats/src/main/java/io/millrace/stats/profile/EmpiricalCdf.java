// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.util.Arrays;

/**
 * A cumulative distribution of finite numbers, from raw samples or from a quantile sketch.
 * Immutable. {@link #rankError()} says how far any rank may be from the truth, as a share of the
 * count: 0 from raw samples, the sketch's own bound (99 % confidence) otherwise.
 */
public final class EmpiricalCdf {
  private final double[] values;
  private final double[] weights;
  private final long count;
  private final double rankError;

  /** Ascending distinct values and the number of samples at or below each; both are owned. */
  EmpiricalCdf(double[] values, double[] weights, long count, double rankError) {
    this.values = values;
    this.weights = weights;
    this.count = count;
    this.rankError = rankError;
  }

  /**
   * The exact distribution of samples.
   *
   * @param samples any number of finite values, in any order; not changed
   * @throws IllegalArgumentException if a sample is NaN or infinite
   */
  public static EmpiricalCdf of(double... samples) {
    double[] sorted = samples.clone();
    for (double sample : sorted) {
      if (!Double.isFinite(sample)) {
        throw new IllegalArgumentException("samples must be finite, found " + sample);
      }
    }
    Arrays.sort(sorted);
    double[] ones = new double[sorted.length];
    for (int i = 0; i < ones.length; i++) {
      ones[i] = i + 1.0;
    }
    return compact(sorted, ones, sorted.length, 0);
  }

  /**
   * The distribution that evenly spaced quantiles describe.
   *
   * @param quantiles values at ranks 0, 1/(n−1) … 1, ascending, at least two
   * @param count samples that they were taken of
   * @throws IllegalArgumentException if there are fewer than two, or they are not finite and
   *     ascending
   */
  public static EmpiricalCdf ofQuantiles(double[] quantiles, long count) {
    if (quantiles.length < 2) {
      throw new IllegalArgumentException("need two quantiles or more, have " + quantiles.length);
    }
    for (int i = 0; i < quantiles.length; i++) {
      if (!Double.isFinite(quantiles[i]) || (i > 0 && quantiles[i] < quantiles[i - 1])) {
        throw new IllegalArgumentException(
            "quantiles must be finite and ascending, found " + Arrays.toString(quantiles));
      }
    }
    double[] cumulative = new double[quantiles.length];
    for (int i = 0; i < cumulative.length; i++) {
      cumulative[i] = count * (i / (quantiles.length - 1.0));
    }
    return compact(quantiles, cumulative, count, 1.0 / (quantiles.length - 1));
  }

  /** Joins runs of equal values; {@code cumulative} ends with the count. */
  static EmpiricalCdf compact(double[] sorted, double[] cumulative, long count, double rankError) {
    double[] values = new double[sorted.length];
    double[] weights = new double[sorted.length];
    int kept = 0;
    for (int i = 0; i < sorted.length; i++) {
      double value = sorted[i] + 0.0; // −0.0 and 0.0 are one value
      if (kept > 0 && values[kept - 1] == value) {
        weights[kept - 1] = cumulative[i];
      } else {
        values[kept] = value;
        weights[kept++] = cumulative[i];
      }
    }
    return new EmpiricalCdf(
        Arrays.copyOf(values, kept), Arrays.copyOf(weights, kept), count, rankError);
  }

  /** Number of samples behind the distribution. */
  public long count() {
    return count;
  }

  /** Largest error of a rank as a share of the count; 0 when exact. */
  public double rankError() {
    return rankError;
  }

  /** Number of distinct values kept. */
  public int size() {
    return values.length;
  }

  /** The i-th smallest kept value. */
  public double value(int i) {
    return values[i];
  }

  /** Share of samples at or below the i-th smallest kept value. */
  public double cdfAt(int i) {
    return weights[i] / count;
  }

  /** Share of samples at or below {@code value}; NaN when empty. */
  public double cdf(double value) {
    if (count == 0) {
      return Double.NaN;
    }
    int at = Arrays.binarySearch(values, value + 0.0);
    int last = at >= 0 ? at : -at - 2;
    return last < 0 ? 0 : weights[last] / count;
  }

  /**
   * The smallest kept value whose share of samples at or below it is at least {@code rank} (inverse
   * distribution function); NaN when empty.
   *
   * @param rank between 0 and 1
   */
  public double quantile(double rank) {
    if (!(rank >= 0 && rank <= 1)) {
      throw new IllegalArgumentException("rank must be within [0, 1], was " + rank);
    }
    if (count == 0) {
      return Double.NaN;
    }
    double wanted = rank * count;
    int low = 0;
    int high = values.length - 1;
    while (low < high) {
      int mid = (low + high) >>> 1;
      // The slack keeps 0.1 · 10 = 1.0000000000000002 from skipping the first value.
      if (weights[mid] >= wanted - 1e-9 * count) {
        high = mid;
      } else {
        low = mid + 1;
      }
    }
    return values[low];
  }

  /** The distribution of {@code factor · x + offset}. */
  public EmpiricalCdf mapped(double factor, double offset) {
    int size = values.length;
    double[] sorted = new double[size];
    double[] cumulative = new double[size];
    for (int i = 0; i < size; i++) {
      int to = factor >= 0 ? i : size - 1 - i;
      sorted[to] = factor * values[i] + offset;
      cumulative[to] = factor >= 0 ? weights[i] : count - (i == 0 ? 0 : weights[i - 1]);
    }
    return compact(sorted, cumulative, count, rankError);
  }

  /**
   * This distribution with every value that lies within {@code reach} of a value of {@code other}
   * replaced by the nearest such value: undoes the rounding of a unit conversion.
   */
  public EmpiricalCdf snappedTo(EmpiricalCdf other, double reach) {
    double[] moved = values.clone();
    for (int i = 0; i < moved.length; i++) {
      int at = Arrays.binarySearch(other.values, moved[i]);
      int above = at >= 0 ? at : -at - 1;
      double up =
          above < other.values.length ? other.values[above] - moved[i] : Double.POSITIVE_INFINITY;
      double down = above > 0 ? moved[i] - other.values[above - 1] : Double.POSITIVE_INFINITY;
      if (Math.min(up, down) <= reach) {
        moved[i] = up <= down ? other.values[above] : other.values[above - 1];
      }
    }
    return compact(moved, weights, count, rankError);
  }
}
