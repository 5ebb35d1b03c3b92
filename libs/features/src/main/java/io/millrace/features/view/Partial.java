// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/**
 * A mergeable partial aggregate: how its cells of a tile start, take an event, merge and are
 * written. Immutable; the numbers live in {@link Tiles}.
 *
 * <p>Laws, held by tests: a fresh tile is the identity of merge; merge is associative and
 * commutative within floating-point tolerance, and bit-equal for the engine's fixed order (by tile
 * key); decode(encode(x)) is x bit for bit.
 */
abstract class Partial {
  /** Bytes of a cell when written, at most; alike ones in a column take less. */
  static final int CELL_BYTES = 9;

  /** Bytes of a whole number below 2^63 when written, at most. */
  static final int NUMBER_BYTES = 9;

  /** Input condition an event must meet, or −1. */
  final int condition;

  /** Input slot of the aggregated value, or −1. */
  final int input;

  private final String identity;
  private final CellKind[] kinds;
  private final long[] empties;
  private final int refCount;

  /** First cell and first reference inside a tile, given when the plan is laid out. */
  private int cellOffset;

  private int refOffset;

  /**
   * @param kinds what each cell is
   * @param empties what each cell is in a tile without events
   */
  Partial(
      String identity, int condition, int input, CellKind[] kinds, long[] empties, int refCount) {
    this.identity = identity + "/" + condition + "/" + input;
    this.condition = condition;
    this.input = input;
    this.kinds = kinds;
    this.empties = empties;
    this.refCount = refCount;
  }

  /** Equal for partials that always hold equal values, so that features can share one. */
  final String identity() {
    return identity;
  }

  final int cellCount() {
    return kinds.length;
  }

  final CellKind kind(int cell) {
    return kinds[cell];
  }

  final long empty(int cell) {
    return empties[cell];
  }

  final int refCount() {
    return refCount;
  }

  final void place(int cell, int ref) {
    cellOffset = cell;
    refOffset = ref;
  }

  /** Its first cell inside a tile. */
  final int cellOffset() {
    return cellOffset;
  }

  final int cell(Tiles tiles, int slot) {
    return slot * tiles.cellStride + cellOffset;
  }

  final int ref(Tiles tiles, int slot) {
    return slot * tiles.refStride + refOffset;
  }

  /** Makes a tile one without events. */
  void clear(Tiles tiles, int slot) {
    System.arraycopy(empties, 0, tiles.cells, cell(tiles, slot), empties.length);
    if (refCount > 0) {
      tiles.refs[ref(tiles, slot)] = null;
    }
  }

  /** Takes an event whose condition holds; a missing value changes nothing. */
  abstract void update(Tiles tiles, int slot, Inputs inputs, long timeMs);

  /** {@code into[slot] ⊕= from[first] ⊕ … ⊕ from[end − 1]}, in that order; never aliases. */
  abstract void merge(Tiles into, int slot, Tiles from, int first, int end);

  /**
   * The most bytes that it takes of a tile when written, about: what the reference of a tile may
   * take and {@value #CELL_BYTES} for each cell.
   */
  final long mostBytes() {
    return (long) CELL_BYTES * kinds.length + (refCount == 0 ? 0 : mostRefBytes());
  }

  /** The most bytes that the reference of a tile takes when written; of partials that have one. */
  long mostRefBytes() {
    throw new IllegalStateException(identity + " has no reference");
  }

  /** Writes the reference of a tile; of partials that have one. */
  void writeRef(Tiles tiles, int slot, ByteWriter out) {
    throw new IllegalStateException(identity + " has no reference");
  }

  /** Reads what {@link #writeRef} wrote; the tile's cells are there already. */
  void readRef(Tiles tiles, int slot, ByteReader in) {
    throw new IllegalStateException(identity + " has no reference");
  }

  static String numbered(String name, long parameter) {
    return name + "(" + parameter + ")";
  }
}
