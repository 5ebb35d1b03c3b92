// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.validator.data.SpanStatistics;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The spans whose statistics are at hand: those that rows still come into, and the last closed
 * ones. Which these are is known without asking the stores.
 *
 * <p>Stores: key → statistics; key of an open span → what brought it its last rows.
 */
final class SpanShelf {
  private final KeyValueStore<String, byte[]> statistics;
  private final KeyValueStore<String, byte[]> opened;
  private final TreeSet<String> kept = new TreeSet<>();
  private final TreeSet<String> open = new TreeSet<>();
  private final Map<String, String> traceparents = new HashMap<>();

  /** Takes up what the stores hold. */
  SpanShelf(KeyValueStore<String, byte[]> statistics, KeyValueStore<String, byte[]> opened) {
    this.statistics = statistics;
    this.opened = opened;
    keys(statistics, kept);
    keys(opened, open);
  }

  private static void keys(KeyValueStore<String, byte[]> store, TreeSet<String> keys) {
    try (KeyValueIterator<String, byte[]> all = store.all()) {
      while (all.hasNext()) {
        keys.add(all.next().key);
      }
    }
  }

  /** What brought a span its last rows. */
  record Source(int partition, long progressMs) {
    byte[] toBytes() {
      return (partition + " " + progressMs).getBytes(StandardCharsets.US_ASCII);
    }

    static Source fromBytes(byte[] bytes) {
      String text = new String(bytes, StandardCharsets.US_ASCII);
      int space = text.indexOf(' ');
      return new Source(
          Integer.parseInt(text.substring(0, space)), Long.parseLong(text.substring(space + 1)));
    }
  }

  /** Tells of every open span what brought it its last rows. */
  void sources(BiConsumer<String, Source> told) {
    try (KeyValueIterator<String, byte[]> all = opened.all()) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> entry = all.next();
        told.accept(entry.key, Source.fromBytes(entry.value));
      }
    }
  }

  /**
   * Adds rows to a span, which is open from now on.
   *
   * @return rows of the span with these
   */
  long add(String key, Chunk chunk) {
    byte[] bytes = statistics.get(key);
    SpanStatistics all = bytes == null ? chunk.statistics() : SpanStatistics.fromBytes(bytes);
    if (bytes != null) {
      all.merge(chunk.statistics());
    }
    statistics.put(key, all.toBytes());
    kept.add(key);
    opened.put(key, new Source(chunk.partition(), chunk.progressMs()).toBytes());
    open.add(key);
    if (!chunk.traceparent().isEmpty()) {
      traceparents.put(key, chunk.traceparent());
    }
    return all.rows();
  }

  /**
   * No rows are waited for any more; the statistics are kept.
   *
   * @return the trace of the last rows; null where they had none
   */
  @Nullable String close(String key) {
    open.remove(key);
    opened.delete(key);
    return traceparents.remove(key);
  }

  SpanStatistics statistics(String key) {
    byte[] bytes = statistics.get(key);
    return bytes == null ? new SpanStatistics() : SpanStatistics.fromBytes(bytes);
  }

  boolean isOpen(String key) {
    return open.contains(key);
  }

  /** The open spans in their order, as they are now. */
  List<String> open() {
    return List.copyOf(open);
  }

  /** The last open span of an event. */
  Optional<String> lastOpen(String event) {
    return Optional.ofNullable(open.floor(SpanKeys.last(event)))
        .filter(last -> SpanKeys.event(last).equals(event));
  }

  /** Whether the statistics of a span are at hand. */
  boolean keeps(String key) {
    return kept.contains(key);
  }

  /** The spans whose statistics are at hand, not to be changed. */
  NavigableSet<String> kept() {
    return Collections.unmodifiableNavigableSet(kept);
  }

  /**
   * Drops the statistics of the oldest closed spans of an event beyond a limit. They are counted,
   * not measured by their distance in time: a single event far in the future must not drop all of
   * them.
   */
  void forget(String event, int most) {
    NavigableSet<String> known =
        kept.subSet(SpanKeys.first(event), true, SpanKeys.last(event), true);
    int surplus = known.size() - most;
    for (String key : List.copyOf(known)) {
      if (surplus <= 0) {
        return;
      }
      if (!open.contains(key)) {
        statistics.delete(key);
        kept.remove(key);
        surplus--;
      }
    }
  }
}
