// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The counts of the last windows, for two questions about a column that has moved: is it only as it
 * was at the same time of day or week before (then it is a season), and when did it begin? Bounded.
 * Not thread-safe.
 */
final class WindowCourse {
  /** Parts of a window whose counts are kept apart, to date a change. */
  static final int PARTS = 20;

  /** Parts that are kept. */
  static final int MOST_PARTS = 8 * PARTS;

  /** Windows that are kept. */
  static final int MOST_WINDOWS = 250;

  /** Population stability index below which two windows are alike (Siddiqi, 2006). */
  static final double ALIKE = 0.1;

  private static final long HOUR_MS = 3_600_000;
  private static final long DAY_MS = 24 * HOUR_MS;
  private static final long[] PERIODS = {DAY_MS, 7 * DAY_MS};
  private static final int PERIODS_BACK = 8;

  private final Deque<Part> parts = new ArrayDeque<>();
  private final Deque<Past> windows = new ArrayDeque<>();

  /**
   * Counts of some consecutive rows.
   *
   * @param counts by column and bin
   */
  record Part(long fromMs, long toMs, double[][] counts) {}

  /**
   * A window of before.
   *
   * @param drifted by column, whether it was far from the reference
   */
  private record Past(long fromMs, long toMs, double[][] counts, boolean[] drifted) {
    long middleMs() {
      return fromMs + (toMs - fromMs) / 2;
    }
  }

  void part(Part part) {
    parts.addLast(part);
    if (parts.size() > MOST_PARTS) {
      parts.removeFirst();
    }
  }

  /** Takes a window once it was judged. */
  void window(long fromMs, long toMs, double[][] counts, boolean[] drifted) {
    windows.addLast(new Past(fromMs, toMs, counts, drifted));
    if (windows.size() > MOST_WINDOWS) {
      windows.removeFirst();
    }
  }

  /**
   * Middle of the window, a day or a week or several before, that a column now is like; null where
   * there is none. It counts only where the column was as in the reference between then and now:
   * what comes and goes is a season, what came and stayed is not.
   */
  @Nullable Long likeBefore(int column, double[] counts, long fromMs, long toMs) {
    long middle = fromMs + (toMs - fromMs) / 2;
    double rows = Arrays.stream(counts).sum();
    double alike = ALIKE + 4 * (counts.length - 1) / Math.max(1, rows);
    List<Past> known = new ArrayList<>(windows);
    for (long period : PERIODS) {
      long length = toMs - fromMs;
      if (length > period / 2) {
        continue;
      }
      long reach = Math.max(HOUR_MS, length);
      for (int i = 0; i < known.size(); i++) {
        Past past = known.get(i);
        long back = Math.round((middle - past.middleMs()) / (double) period);
        if (back >= 1
            && back <= PERIODS_BACK
            && Math.abs(middle - past.middleMs() - back * period) <= reach
            && quietBetween(known, i, column)
            && BinnedColumn.Distance.between(past.counts()[column], counts).psi() <= alike) {
          return past.middleMs();
        }
      }
    }
    return null;
  }

  private static boolean quietBetween(List<Past> known, int from, int column) {
    for (int i = from + 1; i < known.size(); i++) {
      if (!known.get(i).drifted()[column]) {
        return true;
      }
    }
    return false;
  }

  /**
   * When a column's distribution changed: the part of the kept windows at which the rows before and
   * after it differ most (likelihood ratio of two multinomials against one).
   */
  DriftFinding.@Nullable Onset onset(int column) {
    List<Part> known = new ArrayList<>(parts);
    if (known.size() < 2) {
      return null;
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
    return at < 0 ? null : new DriftFinding.Onset(known.get(at - 1).fromMs(), known.get(at).toMs());
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
