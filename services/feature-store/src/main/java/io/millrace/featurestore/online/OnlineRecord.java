// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.features.view.ByteReader;
import java.util.Arrays;

/**
 * A value in the online store: the states of all views of a group for one entity key, in blocks of
 * views. A reader that goes from value to value without making objects. Not thread-safe.
 *
 * <p>The bytes: encoding (2), number of events, greatest event time, number of blocks, the length
 * of each block but the last, the blocks. All numbers are of variable length, seven bits a byte,
 * low bits first; the time is zigzagged. A block is found without reading the others.
 */
public final class OnlineRecord {
  private static final byte ENCODING = 2;
  private static final int NUMBER_BYTES_MAX = 10;

  private byte[] bytes = {};
  private int at;
  private long seq;
  private long lastEventTimeMs;
  private int[] offsets = {};

  /**
   * Writes a record.
   *
   * @param seq number of events applied to the group for this key
   * @param lastEventTimeMs greatest event time among them
   * @param blocks bytes of each block of views
   */
  public static byte[] encode(long seq, long lastEventTimeMs, byte[][] blocks) {
    int size = 1 + NUMBER_BYTES_MAX * (3 + blocks.length);
    for (byte[] block : blocks) {
      size += block.length;
    }
    byte[] out = new byte[size];
    out[0] = ENCODING;
    int to = unsigned(out, 1, seq);
    to = unsigned(out, to, (lastEventTimeMs << 1) ^ (lastEventTimeMs >> 63));
    to = unsigned(out, to, blocks.length);
    for (int block = 0; block < blocks.length - 1; block++) {
      to = unsigned(out, to, blocks[block].length);
    }
    for (byte[] block : blocks) {
      System.arraycopy(block, 0, out, to, block.length);
      to += block.length;
    }
    return Arrays.copyOf(out, to);
  }

  private static int unsigned(byte[] out, int from, long value) {
    int to = from;
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out[to++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out[to++] = (byte) rest;
    return to;
  }

  /** Whether stored bytes are a record of this kind; they may be corrupt. */
  public static boolean isRecord(byte[] stored) {
    return stored.length > 0 && stored[0] == ENCODING;
  }

  /**
   * Turns to the record that {@link #encode} wrote.
   *
   * @param blocks number of blocks of the group, at least 1
   * @throws IllegalArgumentException where the bytes are of another encoding or group, or corrupt
   */
  public void read(byte[] record, int blocks) {
    bytes = record;
    at = 1;
    if (!isRecord(record)) {
      throw new IllegalArgumentException("not an online record");
    }
    seq = number();
    long zigzag = number();
    lastEventTimeMs = (zigzag >>> 1) ^ -(zigzag & 1);
    if (number() != blocks) {
      throw new IllegalArgumentException("an online record of other views");
    }
    if (offsets.length < blocks + 1) {
      offsets = new int[blocks + 1];
    }
    for (int block = 0; block < blocks - 1; block++) {
      long length = number();
      if (length < 0 || length > record.length - offsets[block]) {
        throw new IllegalArgumentException("corrupt online record: length " + length);
      }
      offsets[block + 1] = offsets[block] + (int) length;
    }
    offsets[blocks] = record.length - at;
    if (offsets[blocks] < offsets[blocks - 1]) {
      throw new IllegalArgumentException("corrupt online record: truncated");
    }
  }

  private long number() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == bytes.length) {
        throw new IllegalArgumentException("corrupt online record: truncated");
      }
      byte next = bytes[at++];
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("corrupt online record: number too long");
  }

  /** Number of events applied to the group for this key. */
  public long seq() {
    return seq;
  }

  /** Greatest event time among them, ms. */
  public long lastEventTimeMs() {
    return lastEventTimeMs;
  }

  /** Turns a reader to the bytes of a block. */
  public void turn(ByteReader reader, int block) {
    reader.reset(bytes, at + offsets[block], offsets[block + 1] - offsets[block]);
  }

  /** A copy of the bytes of a block. */
  byte[] block(int block) {
    return Arrays.copyOfRange(bytes, at + offsets[block], at + offsets[block + 1]);
  }
}
