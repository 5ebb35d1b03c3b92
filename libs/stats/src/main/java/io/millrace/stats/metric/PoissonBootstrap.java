// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Confidence intervals of any metric that takes row weights: each replicate gives every row an
 * independent Poisson(1) count, which a stream can do without knowing its length. Percentile
 * interval. Source: Hanley and MacGibbon, "Creating non-parametric bootstrap samples using Poisson
 * frequencies", 2006.
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
    if (replicates < 20) {
      throw new IllegalArgumentException("replicates must be at least 20, was " + replicates);
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] weights = new double[rows];
    double[] found =
        IntStream.range(0, replicates)
            .mapToDouble(
                _ -> {
                  for (int i = 0; i < rows; i++) {
                    weights[i] = poisson(random);
                  }
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
