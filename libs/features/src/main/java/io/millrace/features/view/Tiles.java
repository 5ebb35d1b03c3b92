// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tiles in key order, each a fixed number of 64-bit cells and object references. Doubles are kept
 * as their bits. What the cells mean is known to the {@link Partial}s alone.
 */
final class Tiles {
  private static final int INITIAL = 4;

  final int cellStride;
  final int refStride;
  int size;

  /** Changes with every change but one of the newest tile's content. */
  long version;

  long[] keys;
  long[] cells;
  @Nullable Object[] refs;

  /** Distinct values, kept for all tiles together. */
  final SlidingDistinct[] distinct;

  /**
   * @param room tiles to have room for at first; at most {@value #INITIAL} are taken
   */
  Tiles(int room, int cellStride, int refStride, SlidingDistinct... distinct) {
    int initial = Math.min(room, INITIAL);
    keys = new long[initial];
    this.distinct = distinct;
    this.cellStride = cellStride;
    this.refStride = refStride;
    cells = new long[initial * cellStride];
    refs = new Object[initial * refStride];
  }

  /** The first slot whose key is at least {@code key}; {@code size} if there is none. */
  int lowerBound(long key) {
    // Events arrive nearly in order, so the answer is almost always at the end.
    if (size == 0 || keys[size - 1] < key) {
      return size;
    }
    if (size == 1 || keys[size - 2] < key) {
      return size - 1;
    }
    int low = 0;
    int high = size - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (keys[middle] < key) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The first slot whose key is greater than {@code key}. */
  int upperBound(long key) {
    return key == Long.MAX_VALUE ? size : lowerBound(key + 1);
  }

  /** Empties all; arrays and their room stay. */
  void reset() {
    Arrays.fill(refs, 0, size * refStride, null);
    size = 0;
    version++;
    for (SlidingDistinct values : distinct) {
      values.reset();
    }
  }

  /** Tells the distinct values which tiles there are now. */
  void syncDistinct() {
    for (SlidingDistinct values : distinct) {
      if (size > 0) {
        values.follow(keys[0], keys[size - 1]);
      }
    }
  }

  /** Makes room at {@code slot}; its cells are then undefined and its references null. */
  void insert(int slot, long key) {
    makeRoom(slot, 1);
    keys[slot] = key;
  }

  /** Makes {@code count} slots with undefined keys and cells and null references. */
  void makeRoom(int slot, int count) {
    if (size + count > keys.length) {
      int capacity = Math.max(size * 2, size + count);
      keys = Arrays.copyOf(keys, capacity);
      cells = Arrays.copyOf(cells, capacity * cellStride);
      refs = Arrays.copyOf(refs, capacity * refStride);
    }
    shift(slot, slot + count);
    Arrays.fill(refs, slot * refStride, (slot + count) * refStride, null);
    size += count;
  }

  void remove(int slot) {
    shift(slot + 1, slot);
    size--;
    Arrays.fill(refs, size * refStride, (size + 1) * refStride, null);
  }

  void removeFirst(int count) {
    shift(count, 0);
    size -= count;
    Arrays.fill(refs, size * refStride, (size + count) * refStride, null);
  }

  double number(int index) {
    return Double.longBitsToDouble(cells[index]);
  }

  void number(int index, double value) {
    cells[index] = Double.doubleToRawLongBits(value);
  }

  private void shift(int from, int to) {
    version++;
    int count = size - from;
    System.arraycopy(keys, from, keys, to, count);
    System.arraycopy(cells, from * cellStride, cells, to * cellStride, count * cellStride);
    System.arraycopy(refs, from * refStride, refs, to * refStride, count * refStride);
  }
}
