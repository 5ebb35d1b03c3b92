// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/**
 * Distinct values of sliding windows. They are kept once for a whole ring, see {@link
 * SlidingDistinct}; the cell of a tile holds nothing, that of an accumulator the count.
 */
final class SlidingDistinctPartial extends Partial {
  private final int bound;

  /** Which of the ring's, given when the plan is laid out. */
  private int index;

  SlidingDistinctPartial(int bound, int condition, int input) {
    super(
        numbered("sliding distinct", bound),
        condition,
        input,
        new CellKind[] {CellKind.NUMBER},
        new long[1],
        0);
    this.bound = bound;
  }

  void place(int indexInRing) {
    index = indexInRing;
  }

  SlidingDistinct create(int reach) {
    return new SlidingDistinct(bound, reach);
  }

  /** The most bytes that the values of a ring take when written, and what stands in for more. */
  long mostRingBytes(int reach) {
    return SlidingDistinct.mostBytes(bound) + SlidingHyperLogLog.mostBytes(reach);
  }

  /** Of a merged tile. */
  double count(Tiles tiles, int slot) {
    return tiles.number(cell(tiles, slot));
  }

  @Override
  void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    Object value = inputs.objects[input];
    if (value == null) {
      return;
    }
    tiles.distinct[index].add(
        Hashing.of(value), tiles.keys[slot], tiles.keys[0], tiles.keys[tiles.size - 1]);
  }

  @Override
  void merge(Tiles into, int slot, Tiles from, int first, int end) {
    double count =
        first == end ? 0 : from.distinct[index].count(from.keys[first], from.keys[end - 1]);
    into.number(cell(into, slot), count);
  }
}
