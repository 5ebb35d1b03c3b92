// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The features of one ring and one window: their tiles are found and merged once per read, in key
 * order. Immutable; what it remembers between reads is in {@link Merged}.
 */
final class ReadGroup {
  /** Fewer tiles are merged anew; remembering would cost as much. */
  private static final int WORTHWHILE = 3;

  private final int ring;
  private final Grid grid;
  private final Window window;

  /** Partials that are cells of tiles, and the others. */
  private final Partial[] cells;

  private final Partial[] others;
  private final boolean ofWholeRing;

  /**
   * @param ring index of the ring
   * @param grid of that ring
   * @param partials what these features need of it
   */
  ReadGroup(int ring, Grid grid, Window window, Partial[] partials) {
    this.ring = ring;
    this.grid = grid;
    this.window = window;
    this.ofWholeRing = Arrays.stream(partials).anyMatch(SlidingDistinctPartial.class::isInstance);
    this.cells = Arrays.stream(partials).filter(ReadGroup::isCells).toArray(Partial[]::new);
    this.others = Arrays.stream(partials).filter(p -> !isCells(p)).toArray(Partial[]::new);
  }

  private static boolean isCells(Partial partial) {
    return partial.refCount() == 0 && !(partial instanceof SlidingDistinctPartial);
  }

  int ring() {
    return ring;
  }

  /**
   * What the group's last read found. While only the newest tile changes, the merge of those before
   * it is used again: the order of merging, and so every bit, is the same as without.
   */
  static final class Merged {
    /** Where the features' values are. */
    Tiles tiles;

    int slot;

    /** False where the window may lack events. */
    boolean isComplete = true;

    private final Ring ring;

    /** Made when they are needed, as most states are never read. */
    private @Nullable Tiles result;

    private @Nullable Tiles front;
    private int frontFirst;
    private int frontEnd = -1;
    private long frontVersion;

    Merged(Ring ring, Tiles tiles) {
      this.ring = ring;
      this.tiles = tiles;
    }

    private Tiles result() {
      Tiles made = result;
      if (made == null) {
        made = ring.newAccumulator();
        result = made;
      }
      return made;
    }

    private Tiles front() {
      Tiles made = front;
      if (made == null) {
        made = ring.newAccumulator();
        front = made;
      }
      return made;
    }
  }

  /** Finds or merges the tiles of the window; a single tile is used where it lies. */
  void read(Tiles from, long asOfMs, Merged merged) {
    merged.isComplete = window.isComplete(grid, from, asOfMs) && distinctReaches(from, asOfMs);
    int first = window.first(from, asOfMs);
    int end = window.end(from, asOfMs);
    if (end - first == 1 && !ofWholeRing) {
      merged.tiles = from;
      merged.slot = first;
      return;
    }
    Tiles result = merged.result();
    merged.tiles = result;
    merged.slot = 0;
    if (end - first < WORTHWHILE) {
      for (Partial partial : cells) {
        partial.clear(result, 0);
        partial.merge(result, 0, from, first, end);
      }
    } else {
      Tiles front = front(from, first, end - 1, merged);
      System.arraycopy(front.cells, 0, result.cells, 0, front.cellStride);
      for (Partial partial : cells) {
        partial.merge(result, 0, from, end - 1, end);
      }
    }
    for (Partial partial : others) {
      partial.clear(result, 0);
      partial.merge(result, 0, from, first, end);
    }
  }

  /** Sets of distinct values tell a value's tiles apart only so far behind the newest. */
  private boolean distinctReaches(Tiles from, long asOfMs) {
    return !ofWholeRing
        || from.size == 0
        || from.keys[from.size - 1] - grid.keyNear(asOfMs) <= from.distinct[0].reach;
  }

  /** See {@link Window#sameUntil}. */
  long sameUntil(Tiles from, long asOfMs) {
    return window.sameUntil(from, asOfMs);
  }

  private Tiles front(Tiles from, int first, int end, Merged merged) {
    Tiles front = merged.front();
    if (merged.frontEnd != end
        || merged.frontFirst != first
        || merged.frontVersion != from.version) {
      for (Partial partial : cells) {
        partial.clear(front, 0);
        partial.merge(front, 0, from, first, end);
      }
      merged.frontFirst = first;
      merged.frontEnd = end;
      merged.frontVersion = from.version;
    }
    return front;
  }
}
