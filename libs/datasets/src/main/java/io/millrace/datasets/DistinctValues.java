// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import java.util.Arrays;

/**
 * Numbers the distinct values of a column in order of appearance, as long as they are few. Reused
 * from column to column. Not thread-safe.
 */
final class DistinctValues {
  /** Beyond so many a dictionary is given up. */
  static final int MOST = 4096;

  private static final int SLOTS = MOST * 4;
  private static final int SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(SLOTS);
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  final long[] values = new long[MOST];
  int[] indices = new int[1024];
  int size;

  /** Index + 1 of the value in a slot, 0 where there is none. */
  private final short[] slots = new short[SLOTS];

  /** False where there are too many. */
  boolean number(long[] column, int count) {
    size = 0;
    Arrays.fill(slots, (short) 0);
    if (indices.length < count) {
      indices = new int[Math.max(count, indices.length * 2)];
    }
    long before = 0;
    int indexBefore = -1;
    for (int i = 0; i < count; i++) {
      long value = column[i];
      if (indexBefore < 0 || value != before) {
        indexBefore = indexOf(value);
        before = value;
        if (indexBefore < 0 || (i == MOST && size > MOST * 3 / 4)) {
          return false;
        }
      }
      indices[i] = indexBefore;
    }
    return true;
  }

  /** Takes a column that consists of numbers already. */
  void take(long[] column, int count) {
    if (indices.length < count) {
      indices = new int[Math.max(count, indices.length * 2)];
    }
    for (int i = 0; i < count; i++) {
      indices[i] = (int) column[i];
    }
  }

  private int indexOf(long value) {
    int slot = (int) (((value ^ (value >>> 32)) * MULTIPLIER) >>> SHIFT);
    while (slots[slot] != 0) {
      int index = slots[slot] - 1;
      if (values[index] == value) {
        return index;
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
    if (size == MOST) {
      return -1;
    }
    values[size] = value;
    slots[slot] = (short) (size + 1);
    return size++;
  }
}
