// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;

/**
 * How the tiles of one layout are written: the keys as steps, then column by column, because the
 * values of a column are alike. A single tile has one value per column; there the cells of one kind
 * are written together. Immutable.
 */
final class TileCodec {
  private static final CellKind[] KINDS = CellKind.values();

  private final Partial[] withRefs;
  private final CellKind[] kinds;
  private final long[] empties;

  /** The cells of each kind. */
  private final int[][] cellsOf;

  TileCodec(Partial[] partials, CellKind[] kinds, long[] empties) {
    this.withRefs = Arrays.stream(partials).filter(p -> p.refCount() > 0).toArray(Partial[]::new);
    this.kinds = kinds;
    this.empties = empties;
    this.cellsOf = new int[CellKind.values().length][];
    for (CellKind kind : CellKind.values()) {
      int[] cells = new int[kinds.length];
      int count = 0;
      for (int i = 0; i < kinds.length; i++) {
        if (kinds[i] == kind) {
          cells[count++] = i;
        }
      }
      cellsOf[kind.ordinal()] = Arrays.copyOf(cells, count);
    }
  }

  /** Writes the tiles from first to before end, their number and keys too. */
  void write(Grid grid, Tiles tiles, int first, int end, ByteWriter out) {
    int size = end - first;
    if (grid.capacity() == 1) {
      out.flag(size == 1);
    } else {
      out.unsigned(size);
      if (size > 0) {
        keys(grid, tiles, first, end, out);
      }
    }
    content(tiles, first, end, out);
  }

  private static void keys(Grid grid, Tiles tiles, int first, int end, ByteWriter out) {
    out.signed(tiles.keys[end - 1] - grid.keyNear(out.newestMs));
    CellWriter vector = out.cells;
    int steps = end - first - 1;
    if (steps == 0) {
      return;
    }
    vector.reserve(steps);
    Arrays.fill(vector.empties, 0, steps, 1);
    for (int i = 0; i < steps; i++) {
      vector.values[i] = tiles.keys[first + i + 1] - tiles.keys[first + i];
    }
    vector.write(steps, CellKind.WHOLE, 0);
  }

  /** Writes what is in the tiles from first to before end. */
  void content(Tiles tiles, int first, int end, ByteWriter out) {
    int size = end - first;
    CellWriter vector = out.cells;
    if (size == 1) {
      vector.reserve(kinds.length);
      int row = first * tiles.cellStride;
      for (CellKind kind : KINDS) {
        int[] cells = cellsOf[kind.ordinal()];
        for (int i = 0; i < cells.length; i++) {
          vector.values[i] = tiles.cells[row + cells[i]];
          vector.empties[i] = empties[cells[i]];
        }
        if (cells.length > 0) {
          vector.write(cells.length, kind, out.newestMs);
        }
      }
    } else if (size > 1) {
      vector.reserve(size);
      for (int cell = 0; cell < kinds.length; cell++) {
        Arrays.fill(vector.empties, 0, size, empties[cell]);
        int at = first * tiles.cellStride + cell;
        for (int i = 0; i < size; i++, at += tiles.cellStride) {
          vector.values[i] = tiles.cells[at];
        }
        vector.write(size, kinds[cell], out.newestMs);
      }
    }
    for (Partial partial : withRefs) {
      for (int slot = first; slot < end; slot++) {
        partial.writeRef(tiles, slot, out);
      }
    }
  }

  /** Adds what {@link #write} wrote to the tiles, between or behind those that are there. */
  void read(Grid grid, Tiles tiles, ByteReader in) {
    int size;
    long last = 0;
    CellReader vector = in.cells;
    if (grid.capacity() == 1) {
      size = in.flag() ? 1 : 0;
    } else {
      size = in.count(grid.capacity());
      if (size > 0) {
        last = grid.keyNear(in.newestMs) + in.signed();
      }
      if (size > 1) {
        vector.reserve(size - 1);
        Arrays.fill(vector.empties, 0, size - 1, 1);
        vector.read(size - 1, CellKind.WHOLE, 0);
      }
    }
    if (size == 0) {
      return;
    }
    int at = tiles.upperBound(last);
    if (tiles.size + size > grid.capacity() + grid.spare()) {
      throw new IllegalArgumentException("corrupt feature state: too many tiles");
    }
    tiles.makeRoom(at, size);
    long key = last;
    for (int i = size - 1; i >= 0; i--) {
      tiles.keys[at + i] = key;
      if (i > 0) {
        if (vector.values[i - 1] < 0) {
          throw new IllegalArgumentException("corrupt feature state: tiles out of order");
        }
        key -= vector.values[i - 1];
      }
    }
    if (at > 0 && tiles.keys[at - 1] > key) {
      throw new IllegalArgumentException("corrupt feature state: tiles overlap");
    }
    content(tiles, at, at + size, in);
  }

  /** Reads what is in the tiles from first to before end. */
  void content(Tiles tiles, int first, int end, ByteReader in) {
    int size = end - first;
    CellReader vector = in.cells;
    if (size == 1) {
      vector.reserve(kinds.length);
      int row = first * tiles.cellStride;
      for (CellKind kind : KINDS) {
        int[] cells = cellsOf[kind.ordinal()];
        for (int i = 0; i < cells.length; i++) {
          vector.empties[i] = empties[cells[i]];
        }
        if (cells.length > 0) {
          vector.read(cells.length, kind, in.newestMs);
        }
        for (int i = 0; i < cells.length; i++) {
          tiles.cells[row + cells[i]] = vector.values[i];
        }
      }
    } else if (size > 1) {
      vector.reserve(size);
      for (int cell = 0; cell < kinds.length; cell++) {
        Arrays.fill(vector.empties, 0, size, empties[cell]);
        vector.read(size, kinds[cell], in.newestMs);
        int at = first * tiles.cellStride + cell;
        for (int i = 0; i < size; i++, at += tiles.cellStride) {
          tiles.cells[at] = vector.values[i];
        }
      }
    }
    for (Partial partial : withRefs) {
      for (int slot = first; slot < end; slot++) {
        partial.readRef(tiles, slot, in);
      }
    }
  }
}
