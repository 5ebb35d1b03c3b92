// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/**
 * Sum in which an event's weight halves with every half-life of its age: Σ v·2^−(T−t)/h. Kept as
 * the sum at the newest event time of the tile, so that neither very old nor very new times
 * overflow. At a T before that time the weights are those of that time.
 */
final class DecayPartial extends Partial {
  private static final double LN_2 = StrictMath.log(2);

  private final double halfLifeMs;
  private final CountPartial.Of of;

  DecayPartial(CountPartial.Of of, long halfLifeMs, int condition, int input) {
    super(
        numbered("decay " + of, halfLifeMs),
        condition,
        input,
        new CellKind[] {CellKind.TIME, CellKind.NUMBER},
        new long[] {Long.MIN_VALUE, 0},
        0);
    this.halfLifeMs = halfLifeMs;
    this.of = of;
  }

  /** A sum of the values themselves rather than of ones. */
  static DecayPartial ofValues(long halfLifeMs, int condition, int input) {
    return new DecayPartial(CountPartial.Of.TRUE, halfLifeMs, condition, input);
  }

  boolean isEmpty(Tiles tiles, int slot) {
    return tiles.cells[cell(tiles, slot)] == Long.MIN_VALUE;
  }

  /** NaN where no event contributed. */
  double at(Tiles tiles, int slot, long asOfMs) {
    if (isEmpty(tiles, slot)) {
      return Double.NaN;
    }
    int at = cell(tiles, slot);
    long newest = tiles.cells[at];
    double sum = tiles.number(at + 1) * weight(asOfMs <= newest ? 0 : asOfMs - newest);
    return Double.isFinite(sum) ? sum : Double.NaN;
  }

  private double weight(long ageMs) {
    return StrictMath.exp(-LN_2 * ((double) ageMs / halfLifeMs));
  }

  @Override
  void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    double value =
        switch (of) {
          case EVENTS -> 1;
          case NUMBERS -> Double.isNaN(inputs.numbers[input]) ? Double.NaN : 1;
          case OBJECTS -> inputs.objects[input] == null ? Double.NaN : 1;
          case TRUE -> inputs.numbers[input];
        };
    if (!Double.isNaN(value)) {
      add(tiles, cell(tiles, slot), timeMs, value);
    }
  }

  private void add(Tiles tiles, int at, long timeMs, double value) {
    long newest = tiles.cells[at];
    if (newest == Long.MIN_VALUE) {
      tiles.cells[at] = timeMs;
      tiles.number(at + 1, value);
    } else if (timeMs >= newest) {
      tiles.cells[at] = timeMs;
      tiles.number(at + 1, tiles.number(at + 1) * weight(timeMs - newest) + value);
    } else {
      tiles.number(at + 1, tiles.number(at + 1) + value * weight(newest - timeMs));
    }
  }

  @Override
  void merge(Tiles into, int slot, Tiles from, int first, int end) {
    for (int i = first; i < end; i++) {
      int at = cell(from, i);
      if (from.cells[at] != Long.MIN_VALUE) {
        add(into, cell(into, slot), from.cells[at], from.number(at + 1));
      }
    }
  }
}
