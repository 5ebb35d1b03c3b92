// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Successive rows of one history, kept as one: what an entity did in a while is one write and not
 * one for each event. Rows are added until the run is {@link #isFull}. Not thread-safe.
 *
 * <p>The same events may be cut into runs in another way when they are written again after a crash.
 * Runs are kept by their first sequence number and their size, and a row is the same in whichever
 * run it stands, so a reader that takes runs in order and passes over rows it has had reads every
 * row once.
 */
public final class HistoryRun {
  /** Most rows of a run. */
  public static final int ROWS_MAX = 256;

  private static final int BYTES_MAX = 64 * 1024;
  private static final byte ENCODING = 1;
  private static final int INITIAL_BYTES = 256;

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
    begin(eventTimeMs, knownAtMs, utf8.length + data.length);
    raw(utf8, 0, utf8.length);
    raw(data, 0, data.length);
  }

  /** Adds the next row, whose id and fields stand somewhere in some bytes; they are copied. */
  void add(
      long eventTimeMs,
      long knownAtMs,
      byte[] source,
      int idFrom,
      int idLength,
      int dataFrom,
      int dataLength) {
    begin(eventTimeMs, knownAtMs, idLength + dataLength);
    raw(source, idFrom, idLength);
    raw(source, dataFrom, dataLength);
  }

  private void begin(long eventTimeMs, long knownAtMs, int rest) {
    int most = length + rest + 4 * Varint.BYTES_MAX;
    if (most > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(most, 2 * bytes.length));
    }
    length = Varint.write(Varint.zigzag(eventTimeMs - lastEventTimeMs), bytes, length);
    length = Varint.write(Varint.zigzag(knownAtMs - lastKnownAtMs), bytes, length);
    lastEventTimeMs = eventTimeMs;
    lastKnownAtMs = knownAtMs;
    size++;
  }

  private void raw(byte[] source, int from, int count) {
    length = Varint.write(count, bytes, length);
    System.arraycopy(source, from, bytes, length, count);
    length += count;
  }

  /** The rows as bytes. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** The rows as bytes, packed. */
  public ByteBuffer pack(Packing packing) {
    return packing.pack(bytes, length);
  }

  /**
   * Reads what {@link #toBytes} gave.
   *
   * @param reader returns false to stop
   * @return false where the reader stopped
   * @throws IllegalArgumentException where the bytes are of another encoding, or damaged
   */
  public static boolean read(long firstSeq, ByteBuffer bytes, Predicate<HistoryRow> reader) {
    byte[] all = Varint.array(bytes);
    if (all.length == 0 || all[0] != ENCODING) {
      throw new IllegalArgumentException(
          all.length == 0
              ? "an empty history run"
              : "unknown encoding " + all[0] + " of a history run");
    }
    Varint.Reader in = new Varint.Reader(all, 1);
    long seq = firstSeq;
    long eventTimeMs = 0;
    long knownAtMs = 0;
    while (in.hasRemaining()) {
      eventTimeMs += Varint.unzigzag(in.next());
      knownAtMs += Varint.unzigzag(in.next());
      int idLength = in.length();
      String id = new String(all, in.skip(idLength), idLength, StandardCharsets.UTF_8);
      int dataLength = in.length();
      int dataFrom = in.skip(dataLength);
      byte[] data = Arrays.copyOfRange(all, dataFrom, dataFrom + dataLength);
      if (!reader.test(new HistoryRow(seq++, id, eventTimeMs, knownAtMs, data))) {
        return false;
      }
    }
    return true;
  }
}
