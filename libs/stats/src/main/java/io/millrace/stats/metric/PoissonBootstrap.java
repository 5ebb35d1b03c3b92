// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Confidence intervals of any metric that takes row weights: each replicate gives every row an
 * independent Poisson(1) count, which a stream can do without knowing its length. Percentile
 * interval. Source: Hanley and MacGibbon, "Creating non-parametric bootstrap samples using Poisson
 * frequencies", 2006.
 *
 * <p>Rows of one order, one customer or one session are not independent, and drawing them one by
 * one gives intervals that are too narrow. {@link #clustered} draws whole groups instead (Davison
 * and Hinkley, "Bootstrap methods and their application", 1997, section 3.8).
 */
public final class PoissonBootstrap {
  private static final double EXP_MINUS_1 = Math.exp(-1);

  private PoissonBootstrap() {}

  /**
   * The interval of a metric.
   *
   * @param rows number of rows
   * @param replicates number of replicates, 20 or more; 1000 is customary
   * @param metric value of the metric under the given row weights, which it must not keep; NaN
   *     replicates (say, without positives) are left out
   * @return NaN ends when no replicate had a value
   */
  public static Interval interval(
      int rows, int replicates, double confidence, long seed, ToDoubleFunction<double[]> metric) {
    return interval(
        replicates,
        confidence,
        new double[rows],
        seed,
        (weights, random) -> {
          for (int i = 0; i < rows; i++) {
            weights[i] = poisson(random);
          }
        },
        metric);
  }

  /**
   * The interval of a metric over rows that belong together: all rows of a group are drawn together
   * or not at all.
   *
   * @param groups of each row its group, compared by {@code equals}
   * @param metric as in {@link #interval}
   * @return NaN ends when no replicate had a value
   */
  public static Interval clustered(
      List<?> groups,
      int replicates,
      double confidence,
      long seed,
      ToDoubleFunction<double[]> metric) {
    Map<Object, Integer> numbers = new HashMap<>();
    int[] group =
        groups.stream()
            .mapToInt(key -> numbers.computeIfAbsent(key, _ -> numbers.size()))
            .toArray();
    int[] drawn = new int[numbers.size()];
    return interval(
        replicates,
        confidence,
        new double[group.length],
        seed,
        (weights, random) -> {
          for (int i = 0; i < drawn.length; i++) {
            drawn[i] = poisson(random);
          }
          for (int i = 0; i < group.length; i++) {
            weights[i] = drawn[group[i]];
          }
        },
        metric);
  }

  /** Draws the weights of one replicate. */
  private interface Draw {
    void into(double[] weights, SplittableRandom random);
  }

  private static Interval interval(
      int replicates,
      double confidence,
      double[] weights,
      long seed,
      Draw draw,
      ToDoubleFunction<double[]> metric) {
    if (replicates < 20) {
      throw new IllegalArgumentException("replicates must be at least 20, was " + replicates);
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] found =
        IntStream.range(0, replicates)
            .mapToDouble(
                _ -> {
                  draw.into(weights, random);
                  return metric.applyAsDouble(weights);
                })
            .filter(value -> !Double.isNaN(value))
            .sorted()
            .toArray();
    double alpha = 1 - confidence;
    return new Interval(at(found, alpha / 2), at(found, 1 - alpha / 2), confidence);
  }

  private static double at(double[] sorted, double rank) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double position = rank * (sorted.length - 1);
    int low = (int) position;
    int high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (position - low) * (sorted[high] - sorted[low]);
  }

  private static int poisson(SplittableRandom random) {
    double left = random.nextDouble();
    double term = EXP_MINUS_1;
    int count = 0;
    while (left > term && count < 20) {
      left -= term;
      term /= ++count;
    }
    return count;
  }
}
