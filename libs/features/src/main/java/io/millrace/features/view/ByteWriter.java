// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing array of bits, low bit of each byte first, that is written again and again without
 * allocating. Everything, bytes and texts too, begins at the next bit, so that small states lie
 * side by side without gaps; what was written to one writer in succession is read by one {@link
 * ByteReader} in the same order. Not thread-safe.
 */
public final class ByteWriter {
  /** Low two bits of a number's first integer say how the rest is read. */
  static final int WHOLE = 0;

  static final int HUNDREDTHS = 1;
  static final int RAW = 2;

  /** Whole numbers and hundredths of at most this magnitude have a short form. */
  static final double SHORT_LIMIT = 1L << 50;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes = new byte[128];
  private int size;

  /** Bits that do not fill eight bytes yet. */
  private long pending;

  private int pendingBits;

  /** Columns are written in terms of the one before. */
  final CellWriter cells = new CellWriter(this);

  /** Newest event time of the state that is being written, to which times are relative. */
  long newestMs;

  /** Number of updates of the state before. */
  long previousCount;

  /** Forgets what was written. */
  public void reset() {
    size = 0;
    pending = 0;
    pendingBits = 0;
    previousCount = 0;
    newestMs = 0;
    cells.reset();
  }

  /** The bytes, of which the first {@link #length()} are written; the writer's own array. */
  public byte[] array() {
    return bytes;
  }

  /** Number of bytes written; the last one is filled up with zero bits. */
  public int length() {
    // The array always has eight bytes to spare.
    LONG.set(bytes, size, pending);
    return size + (pendingBits + 7) / 8;
  }

  /** A copy of the bytes written. */
  public byte[] toBytes() {
    int length = length();
    return Arrays.copyOf(bytes, length);
  }

  /**
   * Writes an unsigned number of a fixed width.
   *
   * @param width 0 to 64; the value's higher bits must be 0
   */
  void bits(long value, int width) {
    pending |= value << pendingBits;
    int total = pendingBits + width;
    if (total < 64) {
      pendingBits = total;
      return;
    }
    if (size + 2 * Long.BYTES > bytes.length) {
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
    LONG.set(bytes, size, pending);
    size += Long.BYTES;
    pendingBits = total - 64;
    pending = pendingBits == 0 ? 0 : value >>> (width - pendingBits);
  }

  void flag(boolean value) {
    bits(value ? 1 : 0, 1);
  }

  /** One byte. */
  public void raw(int value) {
    bits(value & 0xFF, 8);
  }

  /** 1 to 10 bytes of seven bits each, low ones first. */
  public void unsigned(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bits((rest & 0x7F) | 0x80, 8);
      rest >>>= 7;
    }
    bits(rest, 8);
  }

  /** Short for numbers near 0 of either sign. */
  public void signed(long value) {
    unsigned(zigzag(value));
  }

  /** Eight bytes. */
  public void fixed(long value) {
    bits(value, 64);
  }

  /** Bit-exact, NaN and −0.0 included; integers and money take a few bytes. */
  void number(double value) {
    if (Math.abs(value) < SHORT_LIMIT) {
      long whole = (long) value;
      if (same((double) whole, value)) {
        unsigned((zigzag(whole) << 2) | WHOLE);
        return;
      }
      long hundredths = Math.round(value * 100);
      if (same(hundredths / 100.0, value)) {
        unsigned((zigzag(hundredths) << 2) | HUNDREDTHS);
        return;
      }
    }
    raw(RAW);
    fixed(Double.doubleToRawLongBits(value));
  }

  /** How many bits {@link #number} writes. */
  static int bitsOf(double value) {
    if (Math.abs(value) < SHORT_LIMIT) {
      long whole = (long) value;
      if (same((double) whole, value)) {
        return bitsOf(zigzag(whole) << 2);
      }
      long hundredths = Math.round(value * 100);
      if (same(hundredths / 100.0, value)) {
        return bitsOf(zigzag(hundredths) << 2);
      }
    }
    return 72;
  }

  private static int bitsOf(long unsigned) {
    return 8 * Math.max(1, (70 - Long.numberOfLeadingZeros(unsigned)) / 7);
  }

  /** Length in bytes, then UTF-8. */
  public void text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    unsigned(utf8.length);
    bytes(utf8);
  }

  /** A canonical value: String, Long, Double or Boolean. */
  void value(Object value) {
    switch (value) {
      case String text -> {
        raw(0);
        text(text);
      }
      case Long whole -> {
        raw(1);
        signed(whole);
      }
      case Double number -> {
        raw(2);
        number(number);
      }
      case Boolean truth -> raw(truth ? 4 : 3);
      default -> throw new IllegalArgumentException("not a canonical value: " + value.getClass());
    }
  }

  /** Bytes as they are, without their number. */
  public void bytes(byte[] source) {
    int at = 0;
    for (; at + Long.BYTES <= source.length; at += Long.BYTES) {
      bits((long) LONG.get(source, at), 64);
    }
    for (; at < source.length; at++) {
      raw(source[at]);
    }
  }

  static boolean same(double a, double b) {
    return Double.doubleToRawLongBits(a) == Double.doubleToRawLongBits(b);
  }

  static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }
}
