// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Keys of a task's store under which states lie: the record of an entity under {@code k} and its
 * key; what does not fit there under {@code s}, the length of its key, its key, and {@code 0},
 * version and number of a part of the record, or {@code 1}, view, part, block and piece of a
 * segment. So the records of all entities follow each other, and so does all else of one entity.
 */
final class StateKeys {
  private static final byte RECORD = 'k';
  private static final byte BEHIND = 's';
  private static final byte PART = 0;
  private static final byte SEGMENT = 1;

  private StateKeys() {}

  /** Where a segment belongs. */
  record Place(int view, int part, long block) {}

  /** Of the records, none has a lesser key. */
  static byte[] firstRecord() {
    return new byte[] {RECORD};
  }

  /** And none a greater one. */
  static byte[] lastRecord() {
    return new byte[] {RECORD + 1};
  }

  static byte[] record(String key) {
    byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
    byte[] stored = new byte[utf8.length + 1];
    stored[0] = RECORD;
    System.arraycopy(utf8, 0, stored, 1, utf8.length);
    return stored;
  }

  /** The key of the entity whose record is stored under this one. */
  static String keyOf(byte[] record) {
    return new String(record, 1, record.length - 1, StandardCharsets.UTF_8);
  }

  /** Of what lies behind a record, nothing has a lesser key. */
  static byte[] first(String key) {
    return behind(key, PART, 0).array();
  }

  /** And nothing a greater one. */
  static byte[] last(String key) {
    return behind(key, (byte) (SEGMENT + 1), 0).array();
  }

  static byte[] part(String key, long version, int number) {
    return behind(key, PART, Long.BYTES + Integer.BYTES).putLong(version).putInt(number).array();
  }

  static byte[] segment(String key, Place place, int piece) {
    return behind(key, SEGMENT, 2 * Short.BYTES + Long.BYTES + Short.BYTES)
        .putShort((short) place.view())
        .putShort((short) place.part())
        .putLong(place.block())
        .putShort((short) piece)
        .array();
  }

  private static ByteBuffer behind(String key, byte kind, int more) {
    byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + Short.BYTES + utf8.length + 1 + more)
        .put(BEHIND)
        .putShort((short) utf8.length)
        .put(utf8)
        .put(kind);
  }

  /** Whether a key that lies behind the record of {@code key} is of a part of that version. */
  static boolean isPart(String key, byte[] stored, long version) {
    byte[] first = part(key, version, 0);
    int same = first.length - Integer.BYTES;
    return stored.length == first.length && Arrays.equals(stored, 0, same, first, 0, same);
  }

  /** Where the segment belongs that lies behind the record of {@code key}; null for a part. */
  static @Nullable Place placeOf(String key, byte[] stored) {
    int at = first(key).length;
    if (stored[at - 1] != SEGMENT) {
      return null;
    }
    ByteBuffer from = ByteBuffer.wrap(stored, at, stored.length - at);
    return new Place(
        Short.toUnsignedInt(from.getShort()), Short.toUnsignedInt(from.getShort()), from.getLong());
  }
}
