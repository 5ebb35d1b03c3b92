// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Bytes of a page in Parquet's encodings: little-endian plain values, and the hybrid of runs and
 * packed bits for levels and dictionary indices. Reused from page to page. Not thread-safe.
 */
final class PageBytes {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** The fewest equal values that are written as a run. */
  private static final int RUN = 8;

  byte[] bytes = new byte[1 << 16];
  int size;

  void clear() {
    size = 0;
  }

  /** Keeps eight bytes to spare. */
  private void room(int more) {
    if (size + more + Long.BYTES > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more + Long.BYTES));
    }
  }

  void raw(int value) {
    room(1);
    bytes[size++] = (byte) value;
  }

  void integer(int value) {
    room(Integer.BYTES);
    INT.set(bytes, size, value);
    size += Integer.BYTES;
  }

  void integerAt(int at, int value) {
    INT.set(bytes, at, value);
  }

  void longs(long[] values, int count) {
    room(count * Long.BYTES);
    int at = size;
    for (int i = 0; i < count; i++, at += Long.BYTES) {
      LONG.set(bytes, at, values[i]);
    }
    size = at;
  }

  /** A length of four bytes, then the bytes. */
  void text(byte[] utf8) {
    integer(utf8.length);
    room(utf8.length);
    System.arraycopy(utf8, 0, bytes, size, utf8.length);
    size += utf8.length;
  }

  private void varint(int value) {
    int rest = value;
    while ((rest & ~0x7F) != 0) {
      raw((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    raw(rest);
  }

  /** A run of one value. */
  void run(int value, int length, int width) {
    varint(length << 1);
    for (int bits = 0; bits < width; bits += 8) {
      raw(value >>> bits);
    }
  }

  /** Values of a width in bits as runs where they repeat, else packed in eights. */
  void hybrid(int[] values, int count, int width) {
    int packed = 0;
    int at = 0;
    while (at < count) {
      int value = values[at];
      int end = at + 1;
      while (end < count && values[end] == value) {
        end++;
      }
      // What is packed before a run must be whole eights: the run gives up its first values.
      int aligned = at + Math.floorMod(packed - at, RUN);
      if (end - aligned >= RUN) {
        pack(values, packed, aligned, width);
        run(value, end - aligned, width);
        packed = end;
      }
      at = end;
    }
    pack(values, packed, count, width);
  }

  /** The last eight is filled up with zeros. */
  private void pack(int[] values, int first, int end, int width) {
    if (first == end) {
      return;
    }
    int groups = (end - first + RUN - 1) / RUN;
    varint(groups << 1 | 1);
    room(groups * width + Long.BYTES);
    int to = size + groups * width;
    long pending = 0;
    int bits = 0;
    for (int i = first; i < end; i++) {
      pending |= (long) values[i] << bits;
      bits += width;
      while (bits >= Integer.SIZE) {
        INT.set(bytes, size, (int) pending);
        size += Integer.BYTES;
        pending >>>= Integer.SIZE;
        bits -= Integer.SIZE;
      }
    }
    LONG.set(bytes, size, pending);
    int written = size + (bits + 7) / 8;
    Arrays.fill(bytes, Math.min(written, to), to, (byte) 0);
    size = to;
  }

  /** Bits, low ones first, eight to a byte. */
  void bits(long[] values, int count) {
    room((count + 7) / 8);
    for (int i = 0; i < count; i += 8) {
      int octet = 0;
      for (int j = i; j < Math.min(i + 8, count); j++) {
        octet |= (int) values[j] << (j - i);
      }
      bytes[size++] = (byte) octet;
    }
  }
}
