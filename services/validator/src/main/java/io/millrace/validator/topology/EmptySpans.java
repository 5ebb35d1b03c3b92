// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.Interval;
import io.millrace.common.serde.JsonSerde;
import io.millrace.validator.data.EventFacts;
import io.millrace.validator.data.SpanPlan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The stretches of event time between two spans with rows. Each has one verdict, however many spans
 * it covers, under the identifier of the first of them, so that a clock that jumps by years makes
 * one verdict and not a hundred thousand. A row that comes late into a stretch leaves what is
 * before it and what is after it as two.
 *
 * <p>What was told is in the store of verdicts and nowhere else, so that a restart neither misses
 * nor repeats one.
 */
final class EmptySpans {
  private final KeyValueStore<String, byte[]> verdicts;
  private final SpanJudging judging;
  private final JsonSerde<DataVerdict> json = new JsonSerde<>(DataVerdict.class);

  /** Open spans before which has been looked, so that the store is asked once for each. */
  private final Set<String> looked = new HashSet<>();

  EmptySpans(KeyValueStore<String, byte[]> verdicts, SpanJudging judging) {
    this.verdicts = verdicts;
    this.judging = judging;
  }

  /**
   * Judges what lies between an open span and the one with rows before it; empty where they are
   * neighbours, or that was told before.
   *
   * @param key the open span, which the events have gone by far enough for late ones before it
   * @param kept spans of which rows have come
   */
  Optional<SpanJudging.Told> before(
      EventFacts event,
      SpanPlan.EventTime plan,
      String key,
      NavigableSet<String> kept,
      long nowMs) {
    if (!looked.add(key)) {
      return Optional.empty();
    }
    String first = SpanKeys.first(event.event());
    long end = Long.MIN_VALUE;
    String lower = kept.lower(key);
    if (lower != null && lower.compareTo(first) >= 0) {
      end = SpanKeys.order(lower) + plan.lengthMs();
    }
    KeyValue<String, DataVerdict> told = newest(first, key, false);
    if (told != null) {
      end = Math.max(end, told.value.endMs());
    }
    long start = SpanKeys.order(key);
    // An application may have had spans of another length before: its last one ends anywhere.
    long from = end == Long.MIN_VALUE ? start : plan.start(end + plan.lengthMs() - 1);
    return from < start
        ? judging.judgeEmpty(event, plan, new Interval(from, start), nowMs)
        : Optional.empty();
  }

  /** The span has closed: should it open again, it is looked at again. */
  void closed(String key) {
    looked.remove(key);
  }

  /**
   * The first row of a span has come. Where that was within a stretch without rows, the stretch is
   * judged anew as what is left of it; the span gets its own verdict when it closes.
   */
  List<SpanJudging.Told> opened(EventFacts event, SpanPlan.EventTime plan, String key, long nowMs) {
    KeyValue<String, DataVerdict> around = newest(SpanKeys.first(event.event()), key, true);
    long start = SpanKeys.order(key);
    if (around == null || around.value.rows() > 0 || around.value.endMs() <= start) {
      return List.of();
    }
    long from = SpanKeys.order(around.key);
    judging.filled(event.event(), from);
    List<SpanJudging.Told> told = new ArrayList<>();
    if (from < start) {
      judging.judgeEmpty(event, plan, new Interval(from, start), nowMs).ifPresent(told::add);
    }
    long next = start + plan.lengthMs();
    if (next < around.value.endMs()) {
      judging
          .judgeEmpty(event, plan, new Interval(next, around.value.endMs()), nowMs)
          .ifPresent(told::add);
    }
    return told;
  }

  /** Whether a stored verdict is one on no rows. */
  boolean isEmpty(byte[] verdict) {
    DataVerdict told = json.fromBytes(verdict);
    return told != null && told.rows() == 0;
  }

  /** Judges a stretch without rows again; empty where nothing changes, or it is none. */
  Optional<SpanJudging.Told> again(
      EventFacts event, SpanPlan.EventTime plan, byte[] verdict, long nowMs) {
    DataVerdict told = json.fromBytes(verdict);
    return told == null || told.rows() > 0
        ? Optional.empty()
        : judging.judgeEmpty(event, plan, new Interval(told.startMs(), told.endMs()), nowMs);
  }

  private @Nullable KeyValue<String, DataVerdict> newest(
      String first, String key, boolean inclusive) {
    try (KeyValueIterator<String, byte[]> latest = verdicts.reverseRange(first, key)) {
      while (latest.hasNext()) {
        KeyValue<String, byte[]> each = latest.next();
        DataVerdict verdict = json.fromBytes(each.value);
        if (verdict != null && (inclusive || !each.key.equals(key))) {
          return KeyValue.pair(each.key, verdict);
        }
      }
    }
    return null;
  }
}
