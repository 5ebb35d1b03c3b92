// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.Interval;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The silences of sources that a person was paged for, as stretches of event time: from the last
 * row before to the first after. What they leave behind in the spans is one outage with them and
 * calls nobody again. Bounded. Not thread-safe.
 */
final class Silences {
  /** Silences of one event that are remembered. */
  static final int MOST = 16;

  /** End of a silence that lasts. */
  private static final long LASTS = Long.MAX_VALUE;

  /** A silence as {@link #ended(String)} writes it. */
  private static final Pattern WRITTEN = Pattern.compile("(-?\\d{1,18})\\.\\.(-?\\d{1,18})");

  private final Map<String, Deque<Interval>> byEvent = new HashMap<>();

  /**
   * A silence was paged for; it may be said again.
   *
   * @param fromMs event time that was reached before
   */
  void began(String event, long fromMs) {
    Deque<Interval> known = byEvent.computeIfAbsent(event, name -> new ArrayDeque<>());
    if (!known.isEmpty() && known.getLast().fromMs() == fromMs) {
      return;
    }
    ended(event, fromMs);
    known.addLast(new Interval(fromMs, LASTS));
    if (known.size() > MOST) {
      known.removeFirst();
    }
  }

  /**
   * Rows came again.
   *
   * @param toMs event time that is reached with them
   */
  void ended(String event, long toMs) {
    Deque<Interval> known = byEvent.get(event);
    if (known != null && !known.isEmpty() && known.getLast().toMs() == LASTS) {
      known.addLast(new Interval(known.removeLast().fromMs(), toMs));
    }
  }

  /**
   * The silences of an event that ended, oldest first, as text: for the evidence of the next one's
   * alert, since of a silence that has ended nothing else is kept.
   */
  String ended(String event) {
    return byEvent.getOrDefault(event, new ArrayDeque<>()).stream()
        .filter(each -> each.toMs() != LASTS)
        .map(each -> each.fromMs() + ".." + each.toMs())
        .collect(Collectors.joining(" "));
  }

  /** Takes up what {@link #ended(String)} wrote; what is not of it is passed over. */
  void restore(String event, String written) {
    Deque<Interval> known = byEvent.computeIfAbsent(event, name -> new ArrayDeque<>());
    Matcher each = WRITTEN.matcher(written);
    while (each.find() && known.size() < MOST) {
      long fromMs = Long.parseLong(each.group(1));
      known.addLast(new Interval(fromMs, Math.max(fromMs, Long.parseLong(each.group(2)))));
    }
  }

  /** Whether a bad span is so for nothing but missing rows, and such a silence is most of it. */
  boolean explain(DataVerdict verdict) {
    long lengthMs = verdict.endMs() - verdict.startMs();
    return verdict.errors().stream()
            .allMatch(error -> DataVerdict.MISSING_ROWS.contains(error.kind()))
        && byEvent.getOrDefault(verdict.event(), new ArrayDeque<>()).stream()
            .anyMatch(silence -> lengthMs - overlapMs(silence, verdict) <= lengthMs / 2);
  }

  private static long overlapMs(Interval silence, DataVerdict verdict) {
    return Math.max(
        0,
        Math.min(silence.toMs(), verdict.endMs()) - Math.max(silence.fromMs(), verdict.startMs()));
  }
}
