// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;

/**
 * A HyperLogLog for every window of a ring (Y. Chabchoub and G. Hébrail, "Sliding HyperLogLog:
 * estimating cardinality in a data stream over a sliding window", ICDM workshops 2010): each
 * register lists the (tile, rank) that may be its greatest rank in some window. A tile's rank is
 * dropped once a newer tile has one as great, but not within {@code reach} of the newest tile, as a
 * window may end there. The estimate is to the bit that of the union of a {@link DistinctSet} per
 * tile. Not thread-safe.
 */
final class SlidingHyperLogLog {
  static final int REGISTERS = DistinctSet.REGISTERS;

  /** Registers of a stored block. */
  static final int BLOCK = 64;

  private static final int RANK_BITS = 6;
  private static final long RANK_MASK = (1 << RANK_BITS) - 1;
  private static final long[] NOTHING = {};

  /** Ranks double in rarity: more than so many ascending ones hardly ever follow each other. */
  private static final int SETTLED_MAX = 8;

  private final int reach;

  /** Per register tile and rank in one number, ascending by tile. */
  private final long[][] candidates = new long[REGISTERS][];

  private final int[] sizes = new int[REGISTERS];
  private long oldest = Long.MIN_VALUE;
  private long newest = Long.MIN_VALUE;

  SlidingHyperLogLog(int reach) {
    this.reach = reach;
    Arrays.fill(candidates, NOTHING);
  }

  /**
   * The most bytes that it takes when written, all but certainly: the recent tiles of each register
   * and, of those before, as many as have ever greater ranks; a tile and a rank take three.
   */
  static long mostBytes(int reach) {
    return 3L * REGISTERS * (reach + 1 + SETTLED_MAX);
  }

  void advance(long oldestTile, long newestTile) {
    boolean moved = oldestTile != oldest || newestTile != newest;
    oldest = oldestTile;
    newest = Math.max(newest, newestTile);
    if (moved) {
      for (int i = 0; i < REGISTERS; i++) {
        prune(i);
      }
    }
  }

  static int registerOf(long hash) {
    return DistinctSet.registerOf(hash);
  }

  void add(long hash, long tile) {
    int register = registerOf(hash);
    put(register, tile, DistinctSet.rankOf(hash));
    prune(register);
  }

  private void put(int register, long tile, int rank) {
    long[] list = candidates[register];
    int size = sizes[register];
    int at = size;
    while (at > 0 && list[at - 1] >> RANK_BITS > tile) {
      at--;
    }
    if (at > 0 && list[at - 1] >> RANK_BITS == tile) {
      list[at - 1] = Math.max(list[at - 1], tile << RANK_BITS | rank);
      return;
    }
    if (size == list.length) {
      list = Arrays.copyOf(list, Math.max(2, size * 2));
      candidates[register] = list;
    }
    System.arraycopy(list, at, list, at + 1, size - at);
    list[at] = tile << RANK_BITS | rank;
    sizes[register]++;
  }

  /** Drops what no window can ask for. */
  private void prune(int register) {
    long[] list = candidates[register];
    int size = sizes[register];
    int to = size;
    long best = 0;
    for (int i = size - 1; i >= 0; i--) {
      long tile = list[i] >> RANK_BITS;
      boolean settled = tile < newest - reach;
      long rank = list[i] & RANK_MASK;
      if (tile < oldest || (settled && rank <= best)) {
        continue;
      }
      if (settled) {
        best = rank;
      }
      list[--to] = list[i];
    }
    if (to > 0) {
      System.arraycopy(list, to, list, 0, size - to);
      sizes[register] = size - to;
    }
  }

  double estimate(long first, long last) {
    int[] histogram = new int[DistinctSet.MAX_RANK + 1];
    for (int register = 0; register < REGISTERS; register++) {
      long[] list = candidates[register];
      long best = 0;
      for (int i = sizes[register] - 1; i >= 0 && list[i] >> RANK_BITS >= first; i--) {
        if (list[i] >> RANK_BITS <= last) {
          best = Math.max(best, list[i] & RANK_MASK);
        }
      }
      histogram[(int) best]++;
    }
    return DistinctSet.estimate(histogram);
  }

  /** Writes some registers, tiles relative to the given one. */
  void write(int first, int end, long near, ByteWriter out) {
    CellWriter vector = out.cells;
    vector.reserve(end - first);
    int total = 0;
    for (int i = first; i < end; i++) {
      vector.values[i - first] = sizes[i];
      total += sizes[i];
    }
    Arrays.fill(vector.empties, 0, end - first, 0);
    vector.write(end - first, CellKind.WHOLE, 0);
    if (total == 0) {
      return;
    }
    vector.reserve(total);
    Arrays.fill(vector.empties, 0, total, 0);
    int at = 0;
    for (int i = first; i < end; i++) {
      for (int j = 0; j < sizes[i]; j++) {
        vector.values[at++] = near - (candidates[i][j] >> RANK_BITS);
      }
    }
    vector.write(total, CellKind.WHOLE, 0);
    at = 0;
    for (int i = first; i < end; i++) {
      for (int j = 0; j < sizes[i]; j++) {
        vector.values[at++] = candidates[i][j] & RANK_MASK;
      }
    }
    vector.write(total, CellKind.WHOLE, 0);
  }

  /** Reads what {@link #write} wrote into registers that are empty. */
  void read(int first, int end, long near, ByteReader in) {
    CellReader vector = in.cells;
    vector.reserve(end - first);
    Arrays.fill(vector.empties, 0, end - first, 0);
    vector.read(end - first, CellKind.WHOLE, 0);
    int total = 0;
    int most = reach + 1 + DistinctSet.MAX_RANK;
    for (int i = first; i < end; i++) {
      long size = vector.values[i - first];
      if (size < 0 || size > 2L * most) {
        throw new IllegalArgumentException("corrupt feature state: register");
      }
      candidates[i] = new long[(int) size];
      sizes[i] = (int) size;
      total += (int) size;
    }
    if (total == 0) {
      return;
    }
    vector.reserve(total);
    Arrays.fill(vector.empties, 0, total, 0);
    vector.read(total, CellKind.WHOLE, 0);
    int at = 0;
    for (int i = first; i < end; i++) {
      for (int j = 0; j < sizes[i]; j++) {
        candidates[i][j] = (near - vector.values[at++]) << RANK_BITS;
      }
    }
    vector.read(total, CellKind.WHOLE, 0);
    at = 0;
    for (int i = first; i < end; i++) {
      for (int j = 0; j < sizes[i]; j++) {
        candidates[i][j] |= vector.values[at++] & RANK_MASK;
      }
      prune(i);
    }
  }
}
