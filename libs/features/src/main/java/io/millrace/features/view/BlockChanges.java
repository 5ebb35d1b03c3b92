// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;

/** Which blocks of a ring are stored, and which of them changed since. Not thread-safe. */
final class BlockChanges {
  /** Ascending. */
  private long[] stored = {};

  private int storedCount;
  private long[] changed = {};
  private int changedCount;

  void changed(long block) {
    for (int i = changedCount - 1; i >= 0; i--) {
      if (changed[i] == block) {
        return;
      }
    }
    if (changedCount == changed.length) {
      changed = Arrays.copyOf(changed, Math.max(4, changedCount * 2));
    }
    changed[changedCount++] = block;
  }

  int changedCount() {
    return changedCount;
  }

  /** Changed blocks, in ascending order. */
  long changedAt(int index) {
    return changed[index];
  }

  void sortChanged() {
    Arrays.sort(changed, 0, changedCount);
  }

  void clearChanged() {
    changedCount = 0;
  }

  void stored(long block) {
    int at = Arrays.binarySearch(stored, 0, storedCount, block);
    if (at >= 0) {
      return;
    }
    if (storedCount == stored.length) {
      stored = Arrays.copyOf(stored, Math.max(4, storedCount * 2));
    }
    int insert = -at - 1;
    System.arraycopy(stored, insert, stored, insert + 1, storedCount - insert);
    stored[insert] = block;
    storedCount++;
  }

  void notStored(long block) {
    int at = Arrays.binarySearch(stored, 0, storedCount, block);
    if (at >= 0) {
      System.arraycopy(stored, at + 1, stored, at, storedCount - at - 1);
      storedCount--;
    }
  }

  int storedCount() {
    return storedCount;
  }

  /** How many stored blocks lie before this one. */
  int storedBefore(long block) {
    int count = 0;
    while (count < storedCount && stored[count] < block) {
      count++;
    }
    return count;
  }

  long storedAt(int index) {
    return stored[index];
  }

  void forgetFirst(int count) {
    System.arraycopy(stored, count, stored, 0, storedCount - count);
    storedCount -= count;
  }

  void reset() {
    storedCount = 0;
    changedCount = 0;
  }
}
