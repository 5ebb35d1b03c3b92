// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The counts of the last windows in parts, to tell when a column that has moved began to. Bounded.
 * Not thread-safe.
 */
final class WindowCourse {
  /** Parts of a window whose counts are kept apart, to date a change. */
  static final int PARTS = 20;

  /** Parts that are kept. */
  static final int MOST_PARTS = 8 * PARTS;

  private final Deque<Part> parts = new ArrayDeque<>();

  /**
   * Counts of some consecutive rows.
   *
   * @param counts by column and bin
   */
  record Part(long fromMs, long toMs, double[][] counts) {}

  void part(Part part) {
    parts.addLast(part);
    if (parts.size() > MOST_PARTS) {
      parts.removeFirst();
    }
  }

  /**
   * When a column's distribution changed: the part of the kept windows at which the rows before and
   * after it differ most (likelihood ratio of two multinomials against one).
   */
  DriftFinding.@Nullable Onset onset(int column) {
    List<Part> known = new ArrayList<>(parts);
    int at = change(known, column);
    return at < 0 ? null : new DriftFinding.Onset(known.get(at - 1).fromMs(), known.get(at).toMs());
  }

  /** Parts of which every row came after a column's change; 0 where it cannot be told. */
  int partsSince(int column) {
    List<Part> known = new ArrayList<>(parts);
    int at = change(known, column);
    return at < 0 ? 0 : known.size() - at - 1;
  }

  /** The first part after the change, which may have begun within it; −1 where there is none. */
  private static int change(List<Part> known, int column) {
    if (known.size() < 2) {
      return -1;
    }
    int width = known.getFirst().counts()[column].length;
    double[] after = new double[width];
    known.forEach(part -> add(after, part.counts()[column], 1));
    double[] before = new double[width];
    double best = 0;
    int at = -1;
    for (int i = 0; i + 1 < known.size(); i++) {
      add(before, known.get(i).counts()[column], 1);
      add(after, known.get(i).counts()[column], -1);
      double statistic = likelihoodRatio(before, after);
      if (statistic > best) {
        best = statistic;
        at = i + 1;
      }
    }
    return at;
  }

  private static void add(double[] sum, double[] counts, int sign) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += sign * counts[i];
    }
  }

  private static double likelihoodRatio(double[] a, double[] b) {
    double rowsA = Arrays.stream(a).sum();
    double rowsB = Arrays.stream(b).sum();
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double both = (a[i] + b[i]) / (rowsA + rowsB);
      sum += a[i] > 0 ? a[i] * Math.log(a[i] / rowsA / both) : 0;
      sum += b[i] > 0 ? b[i] * Math.log(b[i] / rowsB / both) : 0;
    }
    return sum;
  }
}
