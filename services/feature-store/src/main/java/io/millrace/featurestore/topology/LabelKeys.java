// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Keys of the label store, so that what is looked for lies together: moments and positive events by
 * (join key, kind, event time), deadlines by time. Event times are written so that their unsigned
 * byte order is their order.
 */
final class LabelKeys {
  private static final byte ENTRY = 'e';
  private static final byte MOMENT = 'm';
  private static final byte POSITIVE = 'p';
  private static final byte DEADLINE = 'd';

  /** Greater than every byte of UTF-8 and every kind of entry. */
  private static final byte HIGHEST = (byte) 0xff;

  private static final int PREFIX_BYTES = 1 + Integer.BYTES;

  private LabelKeys() {}

  static byte[] moment(String joinKey, long momentMs, String id) {
    return timed(MOMENT, joinKey, momentMs, id.getBytes(StandardCharsets.UTF_8));
  }

  /** Lower bound of the moments at or after a time. */
  static byte[] momentsFrom(String joinKey, long momentMs) {
    return timed(MOMENT, joinKey, momentMs, new byte[0]);
  }

  /** Upper bound of the moments at or before a time. */
  static byte[] momentsTo(String joinKey, long momentMs) {
    return timed(MOMENT, joinKey, momentMs, new byte[] {HIGHEST});
  }

  static byte[] positive(String joinKey, long eventTimeMs) {
    return timed(POSITIVE, joinKey, eventTimeMs, new byte[0]);
  }

  /** What all moments and positive events of a join key begin with. */
  static byte[] joinPrefix(byte[] entry) {
    return Arrays.copyOf(entry, kindAt(entry));
  }

  /** Greater than every key that begins like this. */
  static byte[] endOf(byte[] joinPrefix) {
    byte[] end = Arrays.copyOf(joinPrefix, joinPrefix.length + 1);
    end[joinPrefix.length] = HIGHEST;
    return end;
  }

  /** When to look at an entry again. */
  static byte[] deadline(long timeMs, byte[] entry) {
    return ByteBuffer.allocate(1 + Long.BYTES + entry.length)
        .put(DEADLINE)
        .putLong(ordered(timeMs))
        .put(entry)
        .array();
  }

  /** At most every deadline at or after a time, greater than every one before it. */
  static byte[] deadlinesFrom(long timeMs) {
    return deadline(timeMs, new byte[0]);
  }

  /** The entry that a deadline is about. */
  static byte[] entryOf(byte[] deadline) {
    return Arrays.copyOfRange(deadline, 1 + Long.BYTES, deadline.length);
  }

  static boolean isMoment(byte[] key) {
    return key[kindAt(key)] == MOMENT;
  }

  /** The event time of a moment's or positive event's key. */
  static long timeOf(byte[] key) {
    return ordered(ByteBuffer.wrap(key).getLong(kindAt(key) + 1));
  }

  /** The id of a moment's key. */
  static String idOf(byte[] key) {
    int from = kindAt(key) + 1 + Long.BYTES;
    return new String(key, from, key.length - from, StandardCharsets.UTF_8);
  }

  private static int kindAt(byte[] key) {
    return PREFIX_BYTES + ByteBuffer.wrap(key).getInt(1);
  }

  private static byte[] timed(byte kind, String joinKey, long timeMs, byte[] rest) {
    byte[] join = joinKey.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(PREFIX_BYTES + join.length + 1 + Long.BYTES + rest.length)
        .put(ENTRY)
        .putInt(join.length)
        .put(join)
        .put(kind)
        .putLong(ordered(timeMs))
        .put(rest)
        .array();
  }

  private static long ordered(long timeMs) {
    return timeMs ^ Long.MIN_VALUE;
  }
}
