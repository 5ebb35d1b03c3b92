// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.nio.charset.StandardCharsets;

/** Reads what {@link ByteWriter} wrote; truncated or impossible input is an exception. */
final class ByteReader {
  private final byte[] bytes;
  private int at;

  ByteReader(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean atEnd() {
    return at == bytes.length;
  }

  int raw() {
    require(1);
    return bytes[at++] & 0xFF;
  }

  long unsigned() {
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
    long count = unsigned();
    if (count < 0 || count > bytes.length - at) {
      throw new IllegalArgumentException("corrupt feature state: count " + count);
    }
    return (int) count;
  }

  long signed() {
    long value = unsigned();
    return (value >>> 1) ^ -(value & 1);
  }

  long fixed() {
    require(8);
    long value = 0;
    for (int shift = 0; shift < 64; shift += 8) {
      value |= (bytes[at++] & 0xFFL) << shift;
    }
    return value;
  }

  double number() {
    long head = unsigned();
    long rest = head >>> 2;
    long whole = (rest >>> 1) ^ -(rest & 1);
    return switch ((int) (head & 3)) {
      case ByteWriter.WHOLE -> whole;
      case ByteWriter.HUNDREDTHS -> whole / 100.0;
      case ByteWriter.RAW -> Double.longBitsToDouble(fixed());
      default -> throw new IllegalArgumentException("corrupt feature state: number");
    };
  }

  String text() {
    int length = count();
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
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

  void bytes(byte[] into) {
    require(into.length);
    System.arraycopy(bytes, at, into, 0, into.length);
    at += into.length;
  }

  private void require(int count) {
    if (bytes.length - at < count) {
      throw new IllegalArgumentException("corrupt feature state: truncated");
    }
  }
}
