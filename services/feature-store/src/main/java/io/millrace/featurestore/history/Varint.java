// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.nio.ByteBuffer;

/** Whole numbers in as many bytes as they need, seven bits in each, the lowest first. */
final class Varint {
  /** Most bytes of a number. */
  static final int BYTES_MAX = 10;

  private Varint() {}

  /** Numbers near zero, of either sign, as small ones without. */
  static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }

  static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }

  /** Writes a number, read as unsigned, and says where the next one goes. */
  static int write(long value, byte[] to, int at) {
    int next = at;
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      to[next++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    to[next++] = (byte) rest;
    return next;
  }

  /** The bytes of a buffer to be read; a copy only where it does not hold exactly these. */
  static byte[] array(ByteBuffer buffer) {
    if (buffer.hasArray()
        && buffer.arrayOffset() == 0
        && buffer.remaining() == buffer.array().length) {
      return buffer.array();
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** Reads numbers and lengths from bytes. Not thread-safe. */
  static final class Reader {
    private final byte[] bytes;
    private int at;

    Reader(byte[] bytes, int at) {
      this.bytes = bytes;
      this.at = at;
    }

    byte[] bytes() {
      return bytes;
    }

    boolean hasRemaining() {
      return at < bytes.length;
    }

    long next() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        if (at == bytes.length) {
          break;
        }
        byte next = bytes[at++];
        value |= (next & 0x7FL) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw damaged();
    }

    /**
     * The length of something that follows.
     *
     * @throws IllegalArgumentException where so much does not follow
     */
    int length() {
      long length = next();
      if (length < 0 || length > bytes.length - at) {
        throw damaged();
      }
      return (int) length;
    }

    /** Passes over so many bytes, and says where they begin. */
    int skip(int count) {
      int from = at;
      at += count;
      return from;
    }

    private static IllegalArgumentException damaged() {
      return new IllegalArgumentException("events that are damaged or cut off");
    }
  }
}
