// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;

/** How {@link SlidingDistinct} is written: how far it is, then its values or blocks of them. */
final class SlidingDistinctCodec {
  private SlidingDistinctCodec() {}

  /** Writes how far the ring is, and what is given up. */
  static void writeHead(SlidingDistinct values, ByteWriter out, long nearTile) {
    out.flag(values.newest != SlidingDistinct.NONE);
    if (values.newest == SlidingDistinct.NONE) {
      return;
    }
    out.signed(nearTile - values.newest);
    out.signed(values.newest - values.oldest);
    out.flag(values.givenUp != SlidingDistinct.NONE);
    if (values.givenUp != SlidingDistinct.NONE) {
      out.signed(values.newest - values.givenUp);
    }
  }

  static void readHead(SlidingDistinct values, ByteReader in, long nearTile) {
    values.reset();
    if (!in.flag()) {
      return;
    }
    values.newest = nearTile - in.signed();
    values.oldest = values.newest - in.signed();
    if (in.flag()) {
      values.givenUp = values.newest - in.signed();
      values.estimator = new SlidingHyperLogLog(values.reach);
      values.estimator.advance(values.oldest, values.newest);
    }
  }

  /** Index of the first value of a block or of a later one. */
  static int blockStart(SlidingDistinct values, long block) {
    int bits = values.blockBits();
    if (bits == 0) {
      return block <= 0 ? 0 : values.size;
    }
    if (block >= 1L << (bits - 1)) {
      return values.size;
    }
    int at = Arrays.binarySearch(values.hashes, 0, values.size, block << (64 - bits));
    return at < 0 ? -at - 1 : at;
  }

  /** Writes the values from first to before end. */
  static void write(SlidingDistinct values, int first, int end, ByteWriter out) {
    int count = end - first;
    out.unsigned(count);
    if (count == 0) {
      return;
    }
    for (int i = first; i < end; i++) {
      out.bits(values.hashes[i], 64);
    }
    CellWriter vector = out.cells;
    vector.reserve(count);
    Arrays.fill(vector.empties, 0, count, 0);
    for (int i = 0; i < count; i++) {
      vector.values[i] = values.recent[first + i];
    }
    vector.write(count, CellKind.WHOLE, 0);
    for (int i = 0; i < count; i++) {
      vector.values[i] =
          values.older[first + i] == SlidingDistinct.NONE
              ? 0
              : values.newest - values.older[first + i];
    }
    vector.write(count, CellKind.WHOLE, 0);
  }

  /**
   * Adds the values that {@link #write} wrote when the newest tile was {@code then}, between or
   * behind those that are there.
   */
  static void read(SlidingDistinct values, ByteReader in, long then) {
    int count = in.count(values.bound);
    if (count == 0) {
      return;
    }
    long by = values.newest - then;
    if (by < 0) {
      throw new IllegalArgumentException("corrupt feature state: values newer than their ring");
    }
    values.ensure(values.size + count);
    int at = 0;
    for (int i = 0; i < count; i++) {
      long hash = in.bits(64);
      if (i == 0) {
        at = makeRoom(values, hash, count);
      } else if (hash <= values.hashes[at + i - 1]) {
        throw new IllegalArgumentException("corrupt feature state: values out of order");
      }
      values.hashes[at + i] = hash;
    }
    CellReader vector = in.cells;
    vector.reserve(count);
    Arrays.fill(vector.empties, 0, count, 0);
    vector.read(count, CellKind.WHOLE, 0);
    for (int i = 0; i < count; i++) {
      values.recent[at + i] = (int) vector.values[i] & values.recentMask;
    }
    vector.read(count, CellKind.WHOLE, 0);
    for (int i = 0; i < count; i++) {
      long back = vector.values[i];
      values.older[at + i] = back == 0 ? SlidingDistinct.NONE : then - back;
    }
    if (by > 0) {
      late(values, at, at + count, then, by);
    }
  }

  private static int makeRoom(SlidingDistinct values, long hash, int count) {
    int at = -Arrays.binarySearch(values.hashes, 0, values.size, hash) - 1;
    if (at < 0) {
      throw new IllegalArgumentException("corrupt feature state: a value twice");
    }
    System.arraycopy(values.hashes, at, values.hashes, at + count, values.size - at);
    System.arraycopy(values.recent, at, values.recent, at + count, values.size - at);
    System.arraycopy(values.older, at, values.older, at + count, values.size - at);
    values.size += count;
    return at;
  }

  /** Follows the ring with values that were written when it was not as far. */
  private static void late(SlidingDistinct values, int first, int end, long then, long by) {
    int leaving =
        by > values.reach ? values.recentMask : values.recentMask & ~(values.recentMask >>> by);
    for (int i = first; i < end; i++) {
      int out = values.recent[i] & leaving;
      if (out != 0) {
        values.older[i] = then - Integer.numberOfTrailingZeros(out);
      }
      values.recent[i] = by > values.reach ? 0 : values.recent[i] << by & values.recentMask;
    }
  }
}
