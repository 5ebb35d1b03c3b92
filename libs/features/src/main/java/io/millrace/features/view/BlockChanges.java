// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;

/** Which blocks of a ring are stored, and which of them changed since. Not thread-safe. */
final class BlockChanges {
  private final Blocks stored = new Blocks();
  private final Blocks changed = new Blocks();

  /** Block numbers, ascending. */
  private static final class Blocks {
    private long[] numbers = {};
    private int count;

    void add(long block) {
      // Events in order come to the newest block again and again.
      if (count > 0 && numbers[count - 1] == block) {
        return;
      }
      int at = Arrays.binarySearch(numbers, 0, count, block);
      if (at >= 0) {
        return;
      }
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, Math.max(4, count * 2));
      }
      int insert = -at - 1;
      System.arraycopy(numbers, insert, numbers, insert + 1, count - insert);
      numbers[insert] = block;
      count++;
    }

    void remove(long block) {
      int at = Arrays.binarySearch(numbers, 0, count, block);
      if (at >= 0) {
        System.arraycopy(numbers, at + 1, numbers, at, count - at - 1);
        count--;
      }
    }
  }

  void changed(long block) {
    changed.add(block);
  }

  int changedCount() {
    return changed.count;
  }

  /** Changed blocks, in ascending order. */
  long changedAt(int index) {
    return changed.numbers[index];
  }

  void clearChanged() {
    changed.count = 0;
  }

  void stored(long block) {
    stored.add(block);
  }

  void notStored(long block) {
    stored.remove(block);
  }

  int storedCount() {
    return stored.count;
  }

  /** How many stored blocks lie before this one. */
  int storedBefore(long block) {
    int count = 0;
    while (count < stored.count && stored.numbers[count] < block) {
      count++;
    }
    return count;
  }

  long storedAt(int index) {
    return stored.numbers[index];
  }

  void forgetFirst(int count) {
    System.arraycopy(stored.numbers, count, stored.numbers, 0, stored.count - count);
    stored.count -= count;
  }

  void reset() {
    stored.count = 0;
    changed.count = 0;
  }
}
