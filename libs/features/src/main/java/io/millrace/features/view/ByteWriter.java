// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the compact state encoding: variable-length integers (7 bits per byte, low bits first),
 * zigzag for signed ones, and numbers in the shortest of three lossless forms.
 */
final class ByteWriter {
  /** Low two bits of a number's first integer say how the rest is read. */
  static final int WHOLE = 0;

  static final int HUNDREDTHS = 1;
  static final int RAW = 2;

  private static final double SHORT_LIMIT = 1L << 50;

  private byte[] bytes = new byte[128];
  private int size;

  void raw(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
  }

  void unsigned(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[size++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  void signed(long value) {
    unsigned((value << 1) ^ (value >> 63));
  }

  void fixed(long value) {
    ensure(8);
    for (int shift = 0; shift < 64; shift += 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
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

  void text(String value) {
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

  void bytes(byte[] source) {
    ensure(source.length);
    System.arraycopy(source, 0, bytes, size, source.length);
    size += source.length;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  private static boolean same(double a, double b) {
    return Double.doubleToRawLongBits(a) == Double.doubleToRawLongBits(b);
  }

  private static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }

  private void ensure(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
