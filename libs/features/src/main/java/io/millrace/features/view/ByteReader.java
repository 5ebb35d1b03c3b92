// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link ByteWriter} wrote, in the order of writing; truncated or impossible input is an
 * {@link IllegalArgumentException}. Not thread-safe.
 */
public final class ByteReader {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Bits that can be read as one long wherever they begin in a byte. */
  private static final int ONE_LOAD_BITS = 57;

  private byte[] bytes = {};

  /** Position and end in bits. */
  private long at;

  private long end;

  final CellReader cells = new CellReader(this);
  long newestMs;
  long previousCount;

  /** A reader of nothing; see {@link #reset}. */
  public ByteReader() {}

  /** A reader of an array. */
  public ByteReader(byte[] bytes) {
    reset(bytes, 0, bytes.length);
  }

  /** Reads other bytes from now on, which must not change while they are read. */
  public void reset(byte[] source, int offset, int length) {
    bytes = source;
    at = 8L * offset;
    end = 8L * (offset + length);
    previousCount = 0;
    newestMs = 0;
    cells.reset();
  }

  /** Whether nothing is left but the zero bits that fill the last byte. */
  public boolean atEnd() {
    int left = (int) Math.min(8, end - at);
    if (left == 8) {
      return false;
    }
    long before = at;
    boolean zero = bits(left) == 0;
    at = before;
    return zero;
  }

  /** An unsigned number of a fixed width, 0 to 64. */
  long bits(int width) {
    if (width > end - at) {
      throw new IllegalArgumentException("corrupt feature state: truncated");
    }
    int index = (int) (at >>> 3);
    int shift = (int) at & 7;
    at += width;
    if (width <= ONE_LOAD_BITS && index + Long.BYTES <= bytes.length) {
      return ((long) LONG.get(bytes, index) >>> shift) & mask(width);
    }
    return slow(index, shift, width);
  }

  static long mask(int width) {
    return width == 0 ? 0 : -1L >>> (64 - width);
  }

  private long slow(int index, int shift, int width) {
    long value = 0;
    int have = -shift;
    for (int i = index; have < width; i++, have += 8) {
      long next = bytes[i] & 0xFFL;
      value |= have < 0 ? next >>> -have : next << have;
    }
    return value & mask(width);
  }

  boolean flag() {
    return bits(1) != 0;
  }

  /** One byte, 0 to 255. */
  public int raw() {
    return (int) bits(8);
  }

  /** See {@link ByteWriter#unsigned}. */
  public long unsigned() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = raw();
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new IllegalArgumentException("corrupt feature state: integer too long");
  }

  /**
   * A count that is followed by at least that many bytes, so that a corrupt one cannot allocate.
   */
  int count() {
    return count((end - at) / 8);
  }

  /** A count of at most so many. */
  int count(long most) {
    long count = unsigned();
    if (count < 0 || count > most) {
      throw new IllegalArgumentException("corrupt feature state: count " + count);
    }
    return (int) count;
  }

  /** See {@link ByteWriter#signed}. */
  public long signed() {
    return unzigzag(unsigned());
  }

  static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }

  /** Eight bytes. */
  public long fixed() {
    return bits(64);
  }

  double number() {
    long head = unsigned();
    long whole = unzigzag(head >>> 2);
    return switch ((int) (head & 3)) {
      case ByteWriter.WHOLE -> whole;
      case ByteWriter.HUNDREDTHS -> whole / 100.0;
      case ByteWriter.RAW -> Double.longBitsToDouble(fixed());
      default -> throw new IllegalArgumentException("corrupt feature state: number");
    };
  }

  /** See {@link ByteWriter#text}. */
  public String text() {
    byte[] utf8 = new byte[count()];
    bytes(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  Object value() {
    return switch (raw()) {
      case 0 -> text();
      case 1 -> (Object) signed();
      case 2 -> (Object) number();
      case 3 -> Boolean.FALSE;
      case 4 -> Boolean.TRUE;
      default -> throw new IllegalArgumentException("corrupt feature state: value");
    };
  }

  /** Fills an array. */
  public void bytes(byte[] into) {
    int i = 0;
    for (; i + Long.BYTES <= into.length; i += Long.BYTES) {
      LONG.set(into, i, bits(64));
    }
    for (; i < into.length; i++) {
      into[i] = (byte) raw();
    }
  }
}
