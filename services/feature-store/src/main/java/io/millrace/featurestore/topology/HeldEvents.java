// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Events of a task that are dated ahead, until their time has come. They lie in the task's state,
 * under the key of their entity, and go with it wherever the task goes; in memory is only when each
 * of them is due. They are given back by event time, then in the order in which they came.
 *
 * <p>Bounded in number and bytes. What finds no room depends on what came before it in the task's
 * partition and on nothing else, so that who reads the partition again refuses the same events. Not
 * thread-safe.
 */
final class HeldEvents {
  /** Most events of a task; some 160 bytes of memory each. */
  static final int EVENTS_MAX = 50_000;

  private static final long BYTES_MAX = 64L * 1024 * 1024;

  /** Kafka takes records up to 1 MB, of which an event can take nearly all. */
  private static final int RECORD_BYTES = 512 * 1024;

  private static final byte AHEAD = 'a';
  private static final int TIMES_BYTES = 2 * Long.BYTES;
  private static final int NO_VALUE = -1;

  private final TaskStore store;
  private final TreeSet<Due> due =
      new TreeSet<>(Comparator.comparingLong(Due::timeMs).thenComparingLong(Due::offset));
  private long bytes;

  /** Given back since the last commit. */
  private List<byte[]> released = new ArrayList<>();

  /** When an event is due, and where it lies. */
  private record Due(long timeMs, long offset, byte[] storeKey, int bytes) {}

  /**
   * An event as it came.
   *
   * @param key entity key
   * @param timestampMs when it was accepted
   * @param raw the event's fields as JSON
   */
  record Held(String key, long timestampMs, Headers headers, byte[] raw) {}

  /** Takes up what the store holds. */
  HeldEvents(TaskStore store) {
    this.store = store;
    try (KeyValueIterator<Bytes, byte[]> stored =
        store.range(new byte[] {AHEAD}, new byte[] {AHEAD + 1})) {
      while (stored.hasNext()) {
        KeyValue<Bytes, byte[]> each = stored.next();
        byte[] storeKey = each.key.get();
        ByteBuffer times = ByteBuffer.wrap(storeKey, storeKey.length - TIMES_BYTES, TIMES_BYTES);
        long timeMs = times.getLong() ^ Long.MIN_VALUE;
        add(new Due(timeMs, times.getLong(), storeKey, each.value.length));
      }
    }
  }

  private void add(Due event) {
    if (due.add(event)) {
      bytes += event.bytes();
    }
  }

  /** How many are held. */
  int size() {
    return due.size();
  }

  /** When the next one is due, ms since the epoch; {@link Long#MAX_VALUE} where none is held. */
  long nextMs() {
    return due.isEmpty() ? Long.MAX_VALUE : due.first().timeMs();
  }

  /**
   * Holds an event.
   *
   * @param timeMs when it is due
   * @param offset of its record, in the one partition that the task reads for this group
   * @return false where there is no room for it
   */
  boolean hold(Held event, long timeMs, long offset) {
    byte[] value = encode(event);
    if (due.size() >= EVENTS_MAX
        || bytes + value.length > BYTES_MAX
        || value.length > RECORD_BYTES) {
      return false;
    }
    byte[] storeKey = storeKey(event.key(), timeMs, offset);
    store.put(storeKey, value);
    add(new Due(timeMs, offset, storeKey, value.length));
    return true;
  }

  /** Gives the next one back; there must be one. */
  Held take() {
    Due next = Objects.requireNonNull(due.pollFirst());
    bytes -= next.bytes();
    released.add(next.storeKey());
    return decode(next.storeKey(), Objects.requireNonNull(store.get(next.storeKey())));
  }

  /** Whether there is something for {@link #beforeCommit} to remove. */
  boolean wantsCommit() {
    return !released.isEmpty();
  }

  /**
   * Removes from the state what was given back. To be called when the states that it made are in
   * there: at least once, a crash between the two would otherwise lose the event.
   */
  void beforeCommit() {
    released.forEach(store::delete);
    released = new ArrayList<>();
  }

  /** By entity, so that all of one lie together; its length keeps a key apart from longer ones. */
  private static byte[] storeKey(String key, long timeMs, long offset) {
    byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + Integer.BYTES + utf8.length + TIMES_BYTES)
        .put(AHEAD)
        .putInt(utf8.length)
        .put(utf8)
        .putLong(timeMs ^ Long.MIN_VALUE)
        .putLong(offset)
        .array();
  }

  private static byte[] encode(Held event) {
    List<byte[]> texts = new ArrayList<>();
    int size = Long.BYTES + Integer.BYTES + event.raw().length;
    for (Header header : event.headers()) {
      byte[] name = header.key().getBytes(StandardCharsets.UTF_8);
      texts.add(name);
      size +=
          2 * Integer.BYTES + name.length + (header.value() == null ? 0 : header.value().length);
    }
    ByteBuffer out = ByteBuffer.allocate(size).putLong(event.timestampMs()).putInt(texts.size());
    int i = 0;
    for (Header header : event.headers()) {
      byte[] name = texts.get(i++);
      out.putInt(name.length).put(name);
      if (header.value() == null) {
        out.putInt(NO_VALUE);
      } else {
        out.putInt(header.value().length).put(header.value());
      }
    }
    return out.put(event.raw()).array();
  }

  private static Held decode(byte[] storeKey, byte[] value) {
    int keyFrom = 1 + Integer.BYTES;
    String key =
        new String(
            storeKey, keyFrom, storeKey.length - keyFrom - TIMES_BYTES, StandardCharsets.UTF_8);
    ByteBuffer in = ByteBuffer.wrap(value);
    long timestampMs = in.getLong();
    Headers headers = new RecordHeaders();
    for (int left = in.getInt(); left > 0; left--) {
      String name = new String(some(in, in.getInt()), StandardCharsets.UTF_8);
      int length = in.getInt();
      headers.add(name, length == NO_VALUE ? null : some(in, length));
    }
    return new Held(key, timestampMs, headers, some(in, in.remaining()));
  }

  private static byte[] some(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }
}
