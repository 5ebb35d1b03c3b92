// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import io.millrace.stats.distance.AlignedBins;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.HeavyHitter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The values of two columns as categories that both sides count well enough to compare. */
final class Categories {
  /** Name of the bin that holds every category too rare to be counted alone. */
  static final String REST = "…rest";

  private static final int ALL = Integer.MAX_VALUE;

  /** Share of a window, or of both together, from which a category is counted alone. */
  private static final double LEAST_SHARE = 0.01;

  /** Share of one window from which it is, whatever the other holds, and least rows of it. */
  private static final double STANDS_OUT = 0.1;

  private static final long STANDS_OUT_ROWS = 30;

  private Categories() {}

  /**
   * For distances: exact counts while both sketches are exact; otherwise the categories that stand
   * out of the sketch error on either side, and the rest in one bin.
   */
  static AlignedBins of(ColumnProfile reference, ColumnProfile current) {
    double leastP = leastCount(reference);
    double leastQ = leastCount(current);
    return of(reference, current, (before, now) -> before >= leastP || now >= leastQ);
  }

  /**
   * For tests of significance: as {@link #of}, but of the categories those that hold enough of both
   * windows together to be told from the sketch error in either, or very much of one. What is large
   * in one window is seldom so in the other: chosen by that, the values of an identifier would each
   * seem to have come or to have gone.
   */
  static AlignedBins forTest(ColumnProfile reference, ColumnProfile current) {
    double n = Math.max(1, countable(reference));
    double m = Math.max(1, countable(current));
    double error = Math.max(reference.heavyHitterError() / n, current.heavyHitterError() / m);
    double least = Math.max(LEAST_SHARE, 2 * error) * (n + m);
    return of(
        reference,
        current,
        (before, now) -> before + now >= least || standsOut(before, n) || standsOut(now, m));
  }

  private static boolean standsOut(long count, double values) {
    return count >= STANDS_OUT_ROWS && count >= STANDS_OUT * values;
  }

  private static double leastCount(ColumnProfile column) {
    return Math.max(LEAST_SHARE * countable(column), 2.0 * column.heavyHitterError());
  }

  /** Which categories are counted alone, by their counts. */
  private interface Choice {
    boolean keeps(long before, long now);
  }

  private static AlignedBins of(ColumnProfile reference, ColumnProfile current, Choice choice) {
    Map<String, Long> p = counts(reference);
    Map<String, Long> q = counts(current);
    if (reference.heavyHitterError() == 0 && current.heavyHitterError() == 0) {
      return AlignedBins.ofCategories(quoted(p), quoted(q));
    }
    Map<String, Long> keptP = new LinkedHashMap<>();
    Map<String, Long> keptQ = new LinkedHashMap<>();
    Set<String> names = new TreeSet<>(p.keySet());
    names.addAll(q.keySet());
    names.remove(REST); // a value of that very name counts as rest
    for (String name : names) {
      long before = p.getOrDefault(name, 0L);
      long now = q.getOrDefault(name, 0L);
      if (choice.keeps(before, now)) {
        keptP.put(name, before);
        keptQ.put(name, now);
      }
    }
    keptP.put(REST, rest(countable(reference), keptP));
    keptQ.put(REST, rest(countable(current), keptQ));
    return AlignedBins.ofCategories(keptP, keptQ);
  }

  /** A value that is called like the rest, where there is no rest. */
  private static Map<String, Long> quoted(Map<String, Long> counts) {
    Long count = counts.remove(REST);
    if (count != null) {
      counts.merge("\"" + REST + "\"", count, Long::sum);
    }
    return counts;
  }

  private static long rest(long values, Map<String, Long> kept) {
    return Math.max(0, values - kept.values().stream().mapToLong(Long::longValue).sum());
  }

  static long countable(ColumnProfile column) {
    return column.numbers() + column.strings() + column.booleans();
  }

  private static Map<String, Long> counts(ColumnProfile column) {
    Map<String, Long> counts = new HashMap<>();
    for (HeavyHitter hitter : column.heavyHitters(ALL)) {
      counts.merge(hitter.value(), hitter.count(), Long::sum);
    }
    return new TreeMap<>(counts);
  }

  /** Share of the values, the smaller of both sides, that no kept category explains. */
  static double restShare(AlignedBins bins) {
    int at = bins.labels().indexOf(REST);
    if (at < 0) {
      return 0;
    }
    double[] p = bins.reference();
    double[] q = bins.current();
    double n = Arrays.stream(p).sum();
    double m = Arrays.stream(q).sum();
    return Math.min(p[at] / n, q[at] / m);
  }
}
