// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Successive rows of one history, kept as one: what an entity did between two commits is one write
 * and not one for each event. Rows are added until the run is {@link #isFull}. Not thread-safe.
 *
 * <p>The same events may be cut into runs in another way when they are applied again after a crash.
 * Runs are kept by their first sequence number and a row is the same in whichever run it stands, so
 * a reader that takes runs in order and passes over rows it has had reads every row once.
 */
public final class HistoryRun {
  /** Most rows of a run. */
  public static final int ROWS_MAX = 256;

  private static final int BYTES_MAX = 32 * 1024;
  private static final byte ENCODING = 1;
  private static final int INITIAL_BYTES = 256;
  private static final int VARINT_MAX = 10;

  private final long firstSeq;
  private int size;
  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;
  private long lastEventTimeMs;
  private long lastKnownAtMs;

  /**
   * @param firstSeq of the first row that will be added
   */
  public HistoryRun(long firstSeq) {
    this.firstSeq = firstSeq;
    bytes[length++] = ENCODING;
  }

  /** Sequence number of the first row. */
  public long firstSeq() {
    return firstSeq;
  }

  /** Number of rows. */
  public int size() {
    return size;
  }

  /** Whether the next row belongs into another run. */
  public boolean isFull() {
    return size >= ROWS_MAX || length >= BYTES_MAX;
  }

  /** Adds the next row; the bytes are copied. */
  public void add(String id, long eventTimeMs, long knownAtMs, byte[] data) {
    byte[] utf8 = id.getBytes(StandardCharsets.UTF_8);
    int most = length + utf8.length + data.length + 4 * VARINT_MAX;
    if (most > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(most, 2 * bytes.length));
    }
    varint(zigzag(eventTimeMs - lastEventTimeMs));
    varint(zigzag(knownAtMs - lastKnownAtMs));
    raw(utf8);
    raw(data);
    lastEventTimeMs = eventTimeMs;
    lastKnownAtMs = knownAtMs;
    size++;
  }

  private void raw(byte[] some) {
    varint(some.length);
    System.arraycopy(some, 0, bytes, length, some.length);
    length += some.length;
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  private static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }

  /** The rows as bytes. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /**
   * Reads what {@link #toBytes} gave.
   *
   * @param reader returns false to stop
   * @return false where the reader stopped
   * @throws IllegalArgumentException where the bytes are of another encoding
   */
  public static boolean read(long firstSeq, ByteBuffer bytes, Predicate<HistoryRow> reader) {
    ByteBuffer in = bytes.duplicate();
    byte encoding = in.get();
    if (encoding != ENCODING) {
      throw new IllegalArgumentException("unknown encoding " + encoding + " of a history run");
    }
    long seq = firstSeq;
    long eventTimeMs = 0;
    long knownAtMs = 0;
    while (in.hasRemaining()) {
      eventTimeMs += unzigzag(varint(in));
      knownAtMs += unzigzag(varint(in));
      String id = new String(raw(in), StandardCharsets.UTF_8);
      if (!reader.test(new HistoryRow(seq++, id, eventTimeMs, knownAtMs, raw(in)))) {
        return false;
      }
    }
    return true;
  }

  private static byte[] raw(ByteBuffer in) {
    byte[] some = new byte[Math.toIntExact(varint(in))];
    in.get(some);
    return some;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }
}
