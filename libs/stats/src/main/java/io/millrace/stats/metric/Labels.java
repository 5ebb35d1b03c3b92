// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import java.util.Arrays;

/** Checks and orders that the metrics share. */
final class Labels {
  private Labels() {}

  static boolean[] of(int[] labels) {
    boolean[] positive = new boolean[labels.length];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != 0 && labels[i] != 1) {
        throw new IllegalArgumentException("labels are 0 or 1, found " + labels[i]);
      }
      positive[i] = labels[i] == 1;
    }
    return positive;
  }

  static int count(boolean[] labels) {
    int positives = 0;
    for (boolean label : labels) {
      positives += label ? 1 : 0;
    }
    return positives;
  }

  static void requireSameLength(int... lengths) {
    for (int length : lengths) {
      if (length != lengths[0]) {
        throw new IllegalArgumentException("lengths differ: " + Arrays.toString(lengths));
      }
    }
  }

  static void requireNumber(double score) {
    if (Double.isNaN(score)) {
      throw new IllegalArgumentException("a score is NaN");
    }
  }

  static double requireProbability(double score) {
    if (!(score >= 0 && score <= 1)) {
      throw new IllegalArgumentException("probabilities lie in [0, 1], found " + score);
    }
    return score;
  }

  /** Indices from the lowest score to the highest, in O(n log n) without boxing. */
  static int[] ascending(double[] scores) {
    double[] sorted = new double[scores.length];
    for (int i = 0; i < sorted.length; i++) {
      requireNumber(scores[i]);
      sorted[i] = scores[i] + 0.0;
    }
    Arrays.sort(sorted);
    long[] keys = new long[scores.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = ((long) Arrays.binarySearch(sorted, scores[i] + 0.0) << 32) | i;
    }
    // Equal scores may land on different equal places: that keeps them neighbours.
    Arrays.sort(keys);
    int[] order = new int[keys.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = (int) keys[i];
    }
    return order;
  }
}
