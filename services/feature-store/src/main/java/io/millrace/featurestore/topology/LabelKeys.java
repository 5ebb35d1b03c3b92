// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Keys of the label store, so that what is looked for lies together: moments and positive events by
 * (join key, event time), deadlines by time. Event times are written so that their unsigned byte
 * order is their order.
 */
final class LabelKeys {
  private static final byte MOMENT = 'm';
  private static final byte POSITIVE = 'p';
  private static final byte DEADLINE = 'd';
  private static final byte[] HIGHEST = {(byte) 0xff};

  private LabelKeys() {}

  static byte[] moment(String joinKey, long momentMs, String id) {
    return timed(MOMENT, joinKey, momentMs, id.getBytes(StandardCharsets.UTF_8));
  }

  /** Lower bound of the moments at or after a time. */
  static byte[] momentsFrom(String joinKey, long momentMs) {
    return timed(MOMENT, joinKey, momentMs, new byte[0]);
  }

  /** Upper bound of the moments at or before a time; UTF-8 has no byte 0xff. */
  static byte[] momentsTo(String joinKey, long momentMs) {
    return timed(MOMENT, joinKey, momentMs, HIGHEST);
  }

  static byte[] positive(String joinKey, long eventTimeMs) {
    return timed(POSITIVE, joinKey, eventTimeMs, new byte[0]);
  }

  /** When to look at an entry again. */
  static byte[] deadline(long timeMs, byte[] entry) {
    return ByteBuffer.allocate(1 + Long.BYTES + entry.length)
        .put(DEADLINE)
        .putLong(ordered(timeMs))
        .put(entry)
        .array();
  }

  /** Lower bound of all deadlines. */
  static byte[] deadlinesFrom() {
    return new byte[] {DEADLINE};
  }

  /** Upper bound of the deadlines before a time. */
  static byte[] deadlinesBefore(long timeMs) {
    return ByteBuffer.allocate(1 + Long.BYTES).put(DEADLINE).putLong(ordered(timeMs)).array();
  }

  /** The entry that a deadline is about. */
  static byte[] entryOf(byte[] deadline) {
    return Arrays.copyOfRange(deadline, 1 + Long.BYTES, deadline.length);
  }

  static boolean isMoment(byte[] key) {
    return key[0] == MOMENT;
  }

  /** The event time of a moment's or positive event's key. */
  static long timeOf(byte[] key) {
    ByteBuffer in = ByteBuffer.wrap(key);
    return ordered(in.getLong(1 + Integer.BYTES + in.getInt(1)));
  }

  /** The id of a moment's key. */
  static String idOf(byte[] key) {
    int from = 1 + Integer.BYTES + ByteBuffer.wrap(key).getInt(1) + Long.BYTES;
    return new String(key, from, key.length - from, StandardCharsets.UTF_8);
  }

  private static byte[] timed(byte kind, String joinKey, long timeMs, byte[] rest) {
    byte[] join = joinKey.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + Integer.BYTES + join.length + Long.BYTES + rest.length)
        .put(kind)
        .putInt(join.length)
        .put(join)
        .putLong(ordered(timeMs))
        .put(rest)
        .array();
  }

  private static long ordered(long timeMs) {
    return timeMs ^ Long.MIN_VALUE;
  }
}
