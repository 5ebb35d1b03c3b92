// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Events of many keys, one after the other as they were applied, as bytes. Each is its key, its
 * sequence number in the key's history (0 where it came too late and has none), its times as
 * differences to those of the event before it, its id and its fields. Not thread-safe.
 */
public final class EventBlock {
  private static final byte ENCODING = 1;
  private static final int INITIAL_BYTES = 16 * 1024;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;
  private int size;
  private long lastEventTimeMs;
  private long lastKnownAtMs;

  /** An empty block. */
  public EventBlock() {
    clear();
  }

  /** Empties the block; its memory is kept. */
  public void clear() {
    bytes[0] = ENCODING;
    length = 1;
    size = 0;
    lastEventTimeMs = 0;
    lastKnownAtMs = 0;
  }

  /** Number of events. */
  public int size() {
    return size;
  }

  /** Number of {@link #bytes} that are in use. */
  public int length() {
    return length;
  }

  /** The block as bytes, more than {@link #length} of them; not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * Adds an event; the bytes are copied.
   *
   * @param key entity key
   * @param seq from 1 in the key's history; 0 for a late event
   */
  public void add(String key, long seq, String id, long eventTimeMs, long knownAtMs, byte[] data) {
    byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
    byte[] idBytes = id.getBytes(StandardCharsets.UTF_8);
    int most = length + keyBytes.length + idBytes.length + data.length + 6 * Varint.BYTES_MAX;
    if (most > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(most, 2 * bytes.length));
    }
    raw(keyBytes);
    length = Varint.write(seq, bytes, length);
    length = Varint.write(Varint.zigzag(eventTimeMs - lastEventTimeMs), bytes, length);
    length = Varint.write(Varint.zigzag(knownAtMs - lastKnownAtMs), bytes, length);
    raw(idBytes);
    raw(data);
    lastEventTimeMs = eventTimeMs;
    lastKnownAtMs = knownAtMs;
    size++;
  }

  private void raw(byte[] some) {
    length = Varint.write(some.length, bytes, length);
    System.arraycopy(some, 0, bytes, length, some.length);
    length += some.length;
  }

  /** Goes through the events of a block without making an object for each. Not thread-safe. */
  public static final class Cursor {
    private final Varint.Reader in;
    private int keyFrom;
    private int keyLength;
    private long seq;
    private long eventTimeMs;
    private long knownAtMs;
    private int idFrom;
    private int idLength;
    private int dataFrom;
    private int dataLength;

    /**
     * Before the first event.
     *
     * @param bytes of which the block takes all
     * @throws IllegalArgumentException where the bytes are of another encoding
     */
    public Cursor(byte[] bytes) {
      if (bytes.length == 0 || bytes[0] != ENCODING) {
        throw new IllegalArgumentException(
            bytes.length == 0 ? "an empty block" : "unknown encoding " + bytes[0] + " of a block");
      }
      in = new Varint.Reader(bytes, 1);
    }

    /** Goes to the next event; false where there is none. */
    public boolean next() {
      if (!in.hasRemaining()) {
        return false;
      }
      keyLength = in.length();
      keyFrom = in.skip(keyLength);
      seq = in.next();
      eventTimeMs += Varint.unzigzag(in.next());
      knownAtMs += Varint.unzigzag(in.next());
      idLength = in.length();
      idFrom = in.skip(idLength);
      dataLength = in.length();
      dataFrom = in.skip(dataLength);
      return true;
    }

    /** A hash of the entity key: the same for the same key. */
    public int keyHash() {
      int hash = 1;
      for (int i = keyFrom; i < keyFrom + keyLength; i++) {
        hash = 31 * hash + in.bytes()[i];
      }
      return hash;
    }

    /** Entity key. */
    public String key() {
      return text(keyFrom, keyLength);
    }

    /** Sequence number in the key's history; 0 for a late event. */
    public long seq() {
      return seq;
    }

    /** Bytes that the event takes, about. */
    public int bytes() {
      return keyLength + idLength + dataLength;
    }

    /** The event by itself. */
    public HistoryRow row() {
      return new HistoryRow(
          seq,
          text(idFrom, idLength),
          eventTimeMs,
          knownAtMs,
          Arrays.copyOfRange(in.bytes(), dataFrom, dataFrom + dataLength));
    }

    /** Adds the event to a run, where it must be the next. */
    public void addTo(HistoryRun run) {
      run.add(eventTimeMs, knownAtMs, in.bytes(), idFrom, idLength, dataFrom, dataLength);
    }

    private String text(int from, int count) {
      return new String(in.bytes(), from, count, StandardCharsets.UTF_8);
    }
  }
}
