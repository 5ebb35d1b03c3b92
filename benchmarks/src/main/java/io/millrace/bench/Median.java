// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import java.util.Arrays;
import java.util.List;

/** Order statistics of measured values. */
public final class Median {
  private Median() {}

  /**
   * The middle of the values, the mean of the two in the middle where their number is even.
   *
   * @throws IllegalArgumentException for no values
   */
  public static double of(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("no values");
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /**
   * The smallest value that at least this share of the values does not exceed (nearest rank).
   *
   * @param rank above 0, at most 1
   */
  public static double quantile(double[] values, double rank) {
    if (values.length == 0 || !(rank > 0 && rank <= 1)) {
      throw new IllegalArgumentException(values.length + " values, rank " + rank);
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.ceil(rank * sorted.length) - 1];
  }
}
