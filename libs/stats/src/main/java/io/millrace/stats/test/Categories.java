// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import io.millrace.stats.distance.AlignedBins;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.HeavyHitter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** The values of two columns as categories that both sides count well enough to compare. */
final class Categories {
  /** Name of the bin that holds every category too rare to be counted alone. */
  static final String REST = "…rest";

  private static final int ALL = Integer.MAX_VALUE;
  private static final double LEAST_SHARE = 0.01;

  private Categories() {}

  /**
   * Exact counts while both sketches are exact; otherwise the categories that stand out of the
   * sketch error on either side, and the rest in one bin.
   */
  static AlignedBins of(ColumnProfile reference, ColumnProfile current) {
    Map<String, Long> p = counts(reference);
    Map<String, Long> q = counts(current);
    if (reference.heavyHitterError() > 0 || current.heavyHitterError() > 0) {
      double leastP = leastCount(reference);
      double leastQ = leastCount(current);
      Map<String, Long> keptP = new LinkedHashMap<>();
      Map<String, Long> keptQ = new LinkedHashMap<>();
      p.forEach((name, count) -> keep(keptP, keptQ, name, count >= leastP, p, q));
      q.forEach((name, count) -> keep(keptP, keptQ, name, count >= leastQ, p, q));
      keptP.put(REST, rest(countable(reference), keptP));
      keptQ.put(REST, rest(countable(current), keptQ));
      return AlignedBins.ofCategories(keptP, keptQ);
    }
    return AlignedBins.ofCategories(quoted(p), quoted(q));
  }

  /** A value that is called like the rest, where there is no rest. */
  private static Map<String, Long> quoted(Map<String, Long> counts) {
    Long count = counts.remove(REST);
    if (count != null) {
      counts.merge("\"" + REST + "\"", count, Long::sum);
    }
    return counts;
  }

  private static void keep(
      Map<String, Long> keptP,
      Map<String, Long> keptQ,
      String name,
      boolean large,
      Map<String, Long> p,
      Map<String, Long> q) {
    if (large && !name.equals(REST)) { // a value of that very name counts as rest
      keptP.put(name, p.getOrDefault(name, 0L));
      keptQ.put(name, q.getOrDefault(name, 0L));
    }
  }

  private static double leastCount(ColumnProfile column) {
    return Math.max(LEAST_SHARE * countable(column), 2.0 * column.heavyHitterError());
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
