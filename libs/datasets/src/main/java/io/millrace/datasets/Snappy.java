// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

/**
 * Unpacks Snappy's raw format, which most Parquet files use: a length, then literals and copies of
 * what has been unpacked already.
 */
final class Snappy {
  private static final int LITERAL = 0;
  private static final int COPY_1 = 1;
  private static final int COPY_2 = 2;

  /** Literals up to this length have it in their tag. */
  private static final int SHORT_LITERAL = 60;

  private Snappy() {}

  /**
   * Unpacks.
   *
   * @param length of the result, as it is announced elsewhere
   * @throws DatasetException where the bytes are not what they should be
   */
  static byte[] unpack(byte[] packed, int length) {
    try {
      return unpacked(packed, length);
    } catch (ArrayIndexOutOfBoundsException e) {
      throw new DatasetException("a page is no whole Snappy block", e);
    }
  }

  private static byte[] unpacked(byte[] in, int length) {
    byte[] out = new byte[length];
    int at = 0;
    long announced = 0;
    for (int shift = 0; ; shift += 7) {
      int part = in[at++];
      announced |= (long) (part & 0x7f) << shift;
      if (part >= 0) {
        break;
      }
    }
    if (announced != length) {
      throw new DatasetException("a page has " + announced + " bytes instead of " + length);
    }
    int to = 0;
    while (at < in.length) {
      int tag = in[at++] & 0xff;
      int kind = tag & 3;
      if (kind == LITERAL) {
        int count = tag >>> 2;
        if (count >= SHORT_LITERAL) {
          int bytes = count - SHORT_LITERAL + 1;
          count = little(in, at, bytes);
          at += bytes;
        }
        count++;
        System.arraycopy(in, at, out, to, count);
        at += count;
        to += count;
      } else {
        int count = kind == COPY_1 ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2);
        int bytes = kind == COPY_1 ? 1 : kind == COPY_2 ? 2 : 4;
        int back = little(in, at, bytes) | (kind == COPY_1 ? (tag >>> 5) << 8 : 0);
        at += bytes;
        if (back < 1 || back > to) {
          throw new DatasetException("a page copies from before its beginning");
        }
        // Byte by byte: what is copied may be what this copy writes.
        for (int i = 0; i < count; i++, to++) {
          out[to] = out[to - back];
        }
      }
    }
    if (to != length) {
      throw new DatasetException("a page ends after " + to + " of " + length + " bytes");
    }
    return out;
  }

  private static int little(byte[] in, int at, int bytes) {
    int value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (in[at + i] & 0xff) << (8 * i);
    }
    return value;
  }
}
