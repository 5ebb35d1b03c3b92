// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/** Number of events, or of events whose value is not missing, or whose value is true. */
final class CountPartial extends Partial {
  /** What is counted. */
  enum Of {
    EVENTS,
    NUMBERS,
    OBJECTS,
    TRUE
  }

  private final Of of;

  CountPartial(Of of, int condition, int input) {
    super("count " + of, condition, input, new CellKind[] {CellKind.WHOLE}, new long[1], 0);
    this.of = of;
  }

  long count(Tiles tiles, int slot) {
    return tiles.cells[cell(tiles, slot)];
  }

  @Override
  void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    boolean counts =
        switch (of) {
          case EVENTS -> true;
          case NUMBERS -> !Double.isNaN(inputs.numbers[input]);
          case OBJECTS -> inputs.objects[input] != null;
          case TRUE -> inputs.numbers[input] == 1;
        };
    if (counts) {
      tiles.cells[cell(tiles, slot)]++;
    }
  }

  @Override
  void merge(Tiles into, int slot, Tiles from, int first, int end) {
    long sum = 0;
    for (int i = first, at = cell(from, first); i < end; i++, at += from.cellStride) {
      sum += from.cells[at];
    }
    into.cells[cell(into, slot)] += sum;
  }
}
