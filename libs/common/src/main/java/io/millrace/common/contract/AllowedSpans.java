// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which moments may be trained on: those in a span that is good for the deciding kind of event and
 * not bad for any kind. A span without a verdict is not allowed. Where the application asks for it,
 * a span whose predictions were made of other values than its training rows counts as bad; one that
 * was not compared does not.
 *
 * @param intervals disjoint, ascending, not adjacent
 * @param good spans of the deciding event that are good
 * @param bad spans of any event that are bad, as {@code event/span}, with {@code (skewed)} where
 *     that is why
 */
public record AllowedSpans(List<Interval> intervals, int good, List<String> bad) {
  public AllowedSpans {
    intervals = List.copyOf(intervals);
    bad = List.copyOf(bad);
  }

  /** Without verdicts on skew. */
  public static AllowedSpans of(
      Collection<DataVerdict> verdicts,
      String decidedAt,
      @Nullable Long fromMs,
      @Nullable Long toMs) {
    return of(verdicts, List.of(), decidedAt, fromMs, toMs);
  }

  /**
   * @param verdicts the latest of every event and span
   * @param skews likewise on skew; none where skewed spans may be trained on
   * @param decidedAt kind of the deciding event
   * @param fromMs earliest moment wanted, null for all
   * @param toMs latest moment wanted, exclusive, null for all
   */
  public static AllowedSpans of(
      Collection<DataVerdict> verdicts,
      Collection<SkewJudged> skews,
      String decidedAt,
      @Nullable Long fromMs,
      @Nullable Long toMs) {
    long from = fromMs == null ? Long.MIN_VALUE : fromMs;
    long to = toMs == null ? Long.MAX_VALUE : toMs;
    List<Interval> good = new ArrayList<>();
    List<Interval> bad = new ArrayList<>();
    List<String> badNames = new ArrayList<>();
    for (DataVerdict verdict : verdicts) {
      long start = Math.max(from, verdict.startMs());
      long end = Math.min(to, verdict.endMs());
      if (start >= end) {
        continue;
      }
      if (verdict.status() == DataVerdict.Status.BAD) {
        bad.add(new Interval(start, end));
        badNames.add(verdict.event() + "/" + verdict.span());
      } else if (verdict.event().equals(decidedAt)) {
        good.add(new Interval(start, end));
      }
    }
    for (SkewJudged skew : skews) {
      long start = Math.max(from, skew.startMs());
      long end = Math.min(to, skew.endMs());
      if (start < end && skew.status() == SkewJudged.Status.SKEWED) {
        bad.add(new Interval(start, end));
        badNames.add(skew.event() + "/" + skew.span() + " (skewed)");
      }
    }
    badNames.sort(Comparator.naturalOrder());
    return new AllowedSpans(subtract(merged(good), merged(bad)), good.size(), badNames);
  }

  private static List<Interval> merged(List<Interval> intervals) {
    List<Interval> merged = new ArrayList<>();
    intervals.stream()
        .sorted(Comparator.comparingLong(Interval::fromMs).thenComparingLong(Interval::toMs))
        .forEach(
            next -> {
              Interval last = merged.isEmpty() ? null : merged.getLast();
              if (last != null && next.fromMs() <= last.toMs()) {
                merged.set(
                    merged.size() - 1,
                    new Interval(last.fromMs(), Math.max(last.toMs(), next.toMs())));
              } else {
                merged.add(next);
              }
            });
    return merged;
  }

  private static List<Interval> subtract(List<Interval> good, List<Interval> bad) {
    List<Interval> left = new ArrayList<>();
    for (Interval interval : good) {
      long from = interval.fromMs();
      for (Interval hole : bad) {
        if (hole.toMs() <= from || hole.fromMs() >= interval.toMs()) {
          continue;
        }
        if (hole.fromMs() > from) {
          left.add(new Interval(from, hole.fromMs()));
        }
        from = Math.max(from, hole.toMs());
      }
      if (from < interval.toMs()) {
        left.add(new Interval(from, interval.toMs()));
      }
    }
    return left;
  }
}
