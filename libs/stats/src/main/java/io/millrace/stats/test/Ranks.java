// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import java.util.Arrays;

/** Joint mid-ranks of two samples: ties share the mean of their ranks, the smallest rank is 1. */
final class Ranks {
  private final double[] pooled;
  private final boolean[] fromCurrent;
  private final double[] midRanks;

  Ranks(double[] reference, double[] current) {
    int n = reference.length;
    int total = n + current.length;
    if (n == 0 || current.length == 0) {
      throw new IllegalArgumentException("both samples need values");
    }
    double[] values = Arrays.copyOf(reference, total);
    System.arraycopy(current, 0, values, n, current.length);
    Integer[] order = new Integer[total];
    for (int i = 0; i < total; i++) {
      order[i] = i;
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException("samples must be finite, found " + values[i]);
      }
    }
    Arrays.sort(order, (a, b) -> Double.compare(values[a] + 0.0, values[b] + 0.0));
    pooled = new double[total];
    fromCurrent = new boolean[total];
    midRanks = new double[total];
    for (int i = 0; i < total; i++) {
      pooled[i] = values[order[i]];
      fromCurrent[i] = order[i] >= n;
    }
    for (int from = 0; from < total; ) {
      int to = from;
      while (to + 1 < total && pooled[to + 1] == pooled[from]) {
        to++;
      }
      Arrays.fill(midRanks, from, to + 1, (from + to) / 2.0 + 1);
      from = to + 1;
    }
  }

  int total() {
    return pooled.length;
  }

  double value(int i) {
    return pooled[i];
  }

  double rank(int i) {
    return midRanks[i];
  }

  boolean fromCurrent(int i) {
    return fromCurrent[i];
  }

  boolean tied() {
    for (int i = 1; i < pooled.length; i++) {
      if (pooled[i] == pooled[i - 1]) {
        return true;
      }
    }
    return false;
  }

  /** Σ(t³ − t) over groups of t equal values. */
  double tieTerm() {
    double sum = 0;
    for (int from = 0; from < pooled.length; ) {
      int to = from;
      while (to + 1 < pooled.length && pooled[to + 1] == pooled[from]) {
        to++;
      }
      double size = to - from + 1.0;
      sum += size * size * size - size;
      from = to + 1;
    }
    return sum;
  }
}
