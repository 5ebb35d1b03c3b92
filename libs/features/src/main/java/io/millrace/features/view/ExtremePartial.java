// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/** Smallest or largest value; NaN while empty. −0.0 counts as smaller than 0.0. */
final class ExtremePartial extends Partial {
  private final boolean greatest;

  ExtremePartial(boolean greatest, int condition, int input) {
    super(
        greatest ? "max" : "min",
        condition,
        input,
        new CellKind[] {CellKind.NUMBER},
        new long[] {Double.doubleToRawLongBits(Double.NaN)},
        0);
    this.greatest = greatest;
  }

  double value(Tiles tiles, int slot) {
    return tiles.number(cell(tiles, slot));
  }

  @Override
  void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    int at = cell(tiles, slot);
    tiles.number(at, better(tiles.number(at), inputs.numbers[input]));
  }

  @Override
  void merge(Tiles into, int slot, Tiles from, int first, int end) {
    int target = cell(into, slot);
    double best = into.number(target);
    for (int i = first, at = cell(from, first); i < end; i++, at += from.cellStride) {
      best = better(best, from.number(at));
    }
    into.number(target, best);
  }

  private double better(double a, double b) {
    if (Double.isNaN(a)) {
      return b;
    }
    if (Double.isNaN(b)) {
      return a;
    }
    return greatest ? Math.max(a, b) : Math.min(a, b);
  }
}
