// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of bytes in Protocol Buffers' wire format. Not thread-safe. */
final class WireBuffer {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int VARINT_BYTES_MAX = 10;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Values of at most so many bits take at most four bytes, which are written at once. */
  private static final int SHORT_BITS = 28;

  /** Beyond it a double does not hold every whole number. */
  private static final long WHOLE_MAX = 1L << 53;

  private byte[] bytes;
  private int size;

  WireBuffer(int capacity) {
    bytes = new byte[Math.max(16, capacity)];
  }

  int size() {
    return size;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  private void ensure(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }

  /** An element of a packed field, or anything of variable length. */
  void varint(long value) {
    ensure(VARINT_BYTES_MAX);
    size = varint(bytes, size, value);
  }

  private static int varint(byte[] into, int from, long value) {
    long rest = value;
    int at = from;
    while ((rest & ~0x7FL) != 0) {
      into[at++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    into[at++] = (byte) rest;
    return at;
  }

  /** Writes a value below 2^28, whose four groups of seven bits are spread over four bytes. */
  private static int shortVarint(byte[] into, int at, int value) {
    int length = (38 - Integer.numberOfLeadingZeros(value | 1)) / 7;
    int spread =
        (value & 0x7F) | (value & 0x3F80) << 1 | (value & 0x1FC000) << 2 | (value & 0xFE00000) << 3;
    INT.set(into, at, spread | (0x808080 & ((1 << (8 * (length - 1))) - 1)));
    return at + length;
  }

  /**
   * Appends every step-th number as elements of a packed {@code sint64}, if all of them are whole.
   *
   * @param status of each number; those with another one than {@code wanted} are left out
   * @param first index of the first number
   * @return how many were appended; negative, and nothing is appended, where one is not whole
   */
  int wholes(double[] numbers, byte[] status, int wanted, int first, int step, int count) {
    ensure(VARINT_BYTES_MAX * count);
    byte[] into = bytes;
    int to = size;
    int appended = 0;
    for (int i = 0, at = first; i < count; i++, at += step) {
      if (status[at] != wanted) {
        continue;
      }
      long whole = (long) numbers[at];
      if (Double.doubleToRawLongBits((double) whole) != Double.doubleToRawLongBits(numbers[at])
          || whole > WHOLE_MAX
          || whole < -WHOLE_MAX) {
        return -1;
      }
      long zigzag = (whole << 1) ^ (whole >> 63);
      to =
          zigzag >>> SHORT_BITS == 0
              ? shortVarint(into, to, (int) zigzag)
              : varint(into, to, zigzag);
      appended++;
    }
    size = to;
    return appended;
  }

  /** An element of a packed {@code sint64}. */
  void zigzag(long value) {
    varint((value << 1) ^ (value >> 63));
  }

  /** An element of a packed {@code double}. */
  void number(double value) {
    fixed(Double.doubleToRawLongBits(value));
  }

  private void fixed(long value) {
    ensure(Long.BYTES);
    LONG.set(bytes, size, value);
    size += Long.BYTES;
  }

  void raw(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
  }

  void fieldVarint(int field, long value) {
    varint(((long) field << 3) | VARINT);
    varint(value);
  }

  void fieldZigzag(int field, long value) {
    fieldVarint(field, (value << 1) ^ (value >> 63));
  }

  void fieldFixed(int field, long value) {
    varint(((long) field << 3) | FIXED64);
    fixed(value);
  }

  void fieldText(int field, String text) {
    field(field, text.getBytes(StandardCharsets.UTF_8));
  }

  void field(int field, byte[] content) {
    varint(((long) field << 3) | BYTES);
    varint(content.length);
    ensure(content.length);
    System.arraycopy(content, 0, bytes, size, content.length);
    size += content.length;
  }

  /** A packed field, bytes or a message whose content is in a buffer; nothing where it is empty. */
  void field(int field, WireBuffer content) {
    if (content.size == 0) {
      return;
    }
    varint(((long) field << 3) | BYTES);
    varint(content.size);
    ensure(content.size);
    System.arraycopy(content.bytes, 0, bytes, size, content.size);
    size += content.size;
  }
}
