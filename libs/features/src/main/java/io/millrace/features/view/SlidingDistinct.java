// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The distinct values of all sliding windows of one ring: each value once, by its 64-bit hash, with
 * the tiles in which it was seen. A window's count is one pass over the values.
 *
 * <p>Of a value's tiles only those matter that can be its newest in some window: the newest ones
 * within {@code reach} of the ring's newest tile, because a read may lie that far behind it, and
 * the newest of the others.
 *
 * <p>Beyond {@code bound} values those whose newest tile is oldest are given up, all of that tile
 * and of older ones; windows that begin after it stay exact, the others are estimated by {@link
 * SlidingHyperLogLog} until that tile leaves the ring. Everything depends only on the set of
 * (value, tile), never on their order. Not thread-safe.
 */
final class SlidingDistinct {
  /** Values a stored block holds when the bound is reached, about. */
  private static final int BLOCK_VALUES = 16;

  private static final int MAX_BLOCK_BITS = 12;
  static final long NONE = Long.MIN_VALUE;

  final int bound;
  final int reach;
  final int recentMask;

  /** Ascending. */
  long[] hashes = new long[8];

  /** Bit i: seen in the tile {@code newest − i}, up to {@code reach}. */
  int[] recent = new int[8];

  /** The newest of the tiles before those. */
  long[] older = new long[8];

  int size;
  long newest = NONE;
  long oldest = NONE;

  /** Values whose newest tile is this or an older one are given up. */
  long givenUp = NONE;

  @Nullable SlidingHyperLogLog estimator;

  /** Stored blocks of values and of registers; nothing is noted before the first are. */
  final BlockChanges valueBlocks = new BlockChanges();

  final BlockChanges registerBlocks = new BlockChanges();
  private boolean tracked;

  SlidingDistinct(int bound, int reach) {
    if (reach >= Integer.SIZE) {
      throw new IllegalArgumentException("a reach of " + reach + " tiles");
    }
    this.bound = bound;
    this.reach = reach;
    this.recentMask = (int) ByteReader.mask(reach + 1);
  }

  /** How many high bits of a hash are the number of its stored block. */
  int blockBits() {
    int blocks = Math.max(1, bound / BLOCK_VALUES);
    return Math.min(MAX_BLOCK_BITS, 32 - Integer.numberOfLeadingZeros(blocks - 1));
  }

  long blockOf(long hash) {
    return blockBits() == 0 ? 0 : hash >> (64 - blockBits());
  }

  /** The most bytes that so many values take when written: hash, recent tiles and an older one. */
  static long mostBytes(int bound) {
    return (Long.BYTES + Integer.BYTES + Short.BYTES) * (long) bound;
  }

  int size() {
    return size;
  }

  long hashAt(int index) {
    return hashes[index];
  }

  @Nullable SlidingHyperLogLog estimator() {
    return estimator;
  }

  void reset() {
    valueBlocks.reset();
    registerBlocks.reset();
    tracked = false;
    size = 0;
    newest = NONE;
    oldest = NONE;
    givenUp = NONE;
    estimator = null;
  }

  /** Takes a value of a tile that the ring holds. */
  void add(long hash, long tile, long oldestTile, long newestTile) {
    advance(oldestTile, newestTile);
    if (tracked) {
      valueBlocks.changed(blockOf(hash));
    }
    SlidingHyperLogLog beyond = estimator;
    if (beyond != null) {
      beyond.add(hash, tile);
      if (tracked) {
        registerBlocks.changed(SlidingHyperLogLog.registerOf(hash) / SlidingHyperLogLog.BLOCK);
      }
      if (tile <= givenUp) {
        return;
      }
    }
    int at = Arrays.binarySearch(hashes, 0, size, hash);
    if (at < 0) {
      at = -at - 1;
      insert(at, hash);
    }
    mark(at, tile);
    while (size > bound) {
      giveUpOldest();
    }
  }

  private void insert(int at, long hash) {
    ensure(size + 1);
    System.arraycopy(hashes, at, hashes, at + 1, size - at);
    System.arraycopy(recent, at, recent, at + 1, size - at);
    System.arraycopy(older, at, older, at + 1, size - at);
    hashes[at] = hash;
    recent[at] = 0;
    older[at] = NONE;
    size++;
  }

  void ensure(int capacity) {
    if (capacity > hashes.length) {
      int larger = Math.max(capacity, hashes.length * 2);
      hashes = Arrays.copyOf(hashes, larger);
      recent = Arrays.copyOf(recent, larger);
      older = Arrays.copyOf(older, larger);
    }
  }

  private void mark(int at, long tile) {
    long back = newest - tile;
    if (back <= reach) {
      recent[at] |= 1 << back;
    } else {
      older[at] = Math.max(older[at], tile);
    }
  }

  private long newestOf(int at) {
    return recent[at] == 0 ? older[at] : newest - Integer.numberOfTrailingZeros(recent[at]);
  }

  /** From now on notes which blocks change; all of them the first time. */
  void track() {
    if (!tracked) {
      tracked = true;
      for (int i = 0; i < size; i++) {
        valueBlocks.changed(blockOf(hashes[i]));
      }
      if (estimator != null) {
        allRegistersChanged();
      }
    }
  }

  /** From now on notes which blocks change; all are stored. */
  void trackStored() {
    tracked = true;
  }

  private void allRegistersChanged() {
    for (int i = 0; i < SlidingHyperLogLog.REGISTERS / SlidingHyperLogLog.BLOCK; i++) {
      registerBlocks.changed(i);
    }
  }

  /** Follows a ring that may have moved on without values; forgets itself once it holds none. */
  void follow(long oldestTile, long newestTile) {
    if (newest != NONE) {
      advance(oldestTile, newestTile);
      if (size == 0 && estimator == null) {
        newest = NONE;
        oldest = NONE;
      }
    }
  }

  /** Follows the ring to its newest tile, and forgets what is older than its oldest. */
  void advance(long oldestTile, long newestTile) {
    if (newestTile == newest && oldestTile == oldest) {
      return;
    }
    if (newest == NONE) {
      newest = newestTile;
    }
    shift(newestTile);
    oldest = oldestTile;
    if (givenUp < oldest) {
      givenUp = NONE;
      estimator = null;
    }
    keepAfter(Math.max(oldest - 1, givenUp));
    if (estimator != null) {
      estimator.advance(oldest, newest);
    }
  }

  private void shift(long newestTile) {
    long by = newestTile - newest;
    if (by > reach) {
      for (int i = 0; i < size; i++) {
        older[i] = newestOf(i);
        recent[i] = 0;
      }
    } else if (by > 0) {
      int leaving = recentMask & ~(recentMask >>> by);
      for (int i = 0; i < size; i++) {
        int out = recent[i] & leaving;
        if (out != 0) {
          older[i] = newest - Integer.numberOfTrailingZeros(out);
        }
        recent[i] = recent[i] << by & recentMask;
      }
    }
    newest = Math.max(newest, newestTile);
  }

  /** Forgets that values were seen in a tile or before. */
  private void keepAfter(long tile) {
    long back = newest - tile - 1;
    int kept = back >= reach ? recentMask : back < 0 ? 0 : (int) ByteReader.mask((int) back + 1);
    int to = 0;
    for (int i = 0; i < size; i++) {
      long old = older[i] > tile ? older[i] : NONE;
      int bits = recent[i] & kept;
      if (bits != 0 || old != NONE) {
        hashes[to] = hashes[i];
        recent[to] = bits;
        older[to++] = old;
      }
    }
    size = to;
  }

  private void giveUpOldest() {
    SlidingHyperLogLog beyond = estimator;
    if (beyond == null) {
      beyond = new SlidingHyperLogLog(reach);
      beyond.advance(oldest, newest);
      for (int i = 0; i < size; i++) {
        addAll(i, beyond);
      }
      estimator = beyond;
      if (tracked) {
        allRegistersChanged();
      }
    }
    long first = Long.MAX_VALUE;
    for (int i = 0; i < size; i++) {
      first = Math.min(first, newestOf(i));
    }
    givenUp = first;
    keepAfter(first);
  }

  private void addAll(int at, SlidingHyperLogLog into) {
    for (int bits = recent[at]; bits != 0; bits &= bits - 1) {
      into.add(hashes[at], newest - Integer.numberOfTrailingZeros(bits));
    }
    if (older[at] != NONE) {
      into.add(hashes[at], older[at]);
    }
  }

  /** Distinct values seen in the tiles from {@code first} to {@code last}. */
  double count(long first, long last) {
    SlidingHyperLogLog beyond = estimator;
    if (beyond != null && first <= givenUp) {
      return beyond.estimate(first, last);
    }
    long from = Math.max(0, newest - last);
    long to = Math.min(reach, newest - first);
    int window =
        from > to ? 0 : (int) (ByteReader.mask((int) to + 1) & ~ByteReader.mask((int) from));
    int count = 0;
    for (int i = 0; i < size; i++) {
      boolean seen = (recent[i] & window) != 0 || (older[i] >= first && older[i] <= last);
      count += seen ? 1 : 0;
    }
    return count;
  }

  /** The newest tile when the values are written. */
  long newest() {
    return newest;
  }

  /** Forgets what stored blocks still held. */
  void trim() {
    if (newest != NONE) {
      keepAfter(Math.max(oldest - 1, givenUp));
    }
  }
}
