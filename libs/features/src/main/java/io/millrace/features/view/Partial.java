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
  /** Input condition an event must meet, or −1. */
  final int condition;

  /** Input slot of the aggregated value, or −1. */
  final int input;

  private final String identity;
  private final int cellCount;
  private final int refCount;

  /** First cell and first reference inside a tile, given when the plan is laid out. */
  private int cellOffset;

  private int refOffset;

  Partial(String identity, int condition, int input, int cellCount, int refCount) {
    this.identity = identity + "/" + condition + "/" + input;
    this.condition = condition;
    this.input = input;
    this.cellCount = cellCount;
    this.refCount = refCount;
  }

  /** Equal for partials that always hold equal values, so that features can share one. */
  final String identity() {
    return identity;
  }

  final int cellCount() {
    return cellCount;
  }

  final int refCount() {
    return refCount;
  }

  final void place(int cell, int ref) {
    cellOffset = cell;
    refOffset = ref;
  }

  final int cell(Tiles tiles, int slot) {
    return slot * tiles.cellStride + cellOffset;
  }

  final int ref(Tiles tiles, int slot) {
    return slot * tiles.refStride + refOffset;
  }

  abstract void clear(Tiles tiles, int slot);

  /** Takes an event whose condition holds; a missing value changes nothing. */
  abstract void update(Tiles tiles, int slot, Inputs inputs, long timeMs);

  /** {@code into[slot] ⊕= from[first] ⊕ … ⊕ from[end − 1]}, in that order; never aliases. */
  abstract void merge(Tiles into, int slot, Tiles from, int first, int end);

  abstract void write(Tiles tiles, int slot, ByteWriter out);

  abstract void read(Tiles tiles, int slot, ByteReader in);

  static String numbered(String name, long parameter) {
    return name + "(" + parameter + ")";
  }
}
