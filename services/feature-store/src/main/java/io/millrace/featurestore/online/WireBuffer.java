// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of bytes in Protocol Buffers' wire format. Not thread-safe. */
final class WireBuffer {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;

  private byte[] bytes;
  private int size;

  WireBuffer(int capacity) {
    bytes = new byte[Math.max(16, capacity)];
  }

  int size() {
    return size;
  }

  /** Forgets what was written after a size. */
  void cut(int to) {
    size = to;
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
    ensure(10);
    long rest = value;
    int at = size;
    while ((rest & ~0x7FL) != 0) {
      bytes[at++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    bytes[at++] = (byte) rest;
    size = at;
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
    for (int shift = 0; shift < 64; shift += 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
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
