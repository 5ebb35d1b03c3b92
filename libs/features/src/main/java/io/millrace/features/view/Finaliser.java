// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import org.jspecify.annotations.Nullable;

/** Turns a merged tile into a feature's value. */
sealed interface Finaliser {
  /** The value as a number; NaN where missing or not a number. */
  double number(Tiles tiles, int slot, long asOfMs);

  /** The value, or null where missing. */
  @Nullable Object value(Tiles tiles, int slot, long asOfMs);

  /** Of features that are numbers. */
  non-sealed interface Numeric extends Finaliser {
    @Override
    default @Nullable Object value(Tiles tiles, int slot, long asOfMs) {
      double number = number(tiles, slot, asOfMs);
      return Double.isNaN(number) ? null : (Object) number;
    }
  }

  /**
   * Of the features that most views consist of, straight from their cells: known to be final, so
   * that reading a row of them is one loop without a call for each.
   *
   * @param first cell of the tile
   * @param second another one, where two are needed
   */
  record OfCells(Kind kind, int first, int second) implements Numeric {
    enum Kind {
      COUNT,
      SUM,
      MEAN,
      EXTREME
    }

    @Override
    public double number(Tiles tiles, int slot, long asOfMs) {
      int row = slot * tiles.cellStride;
      return switch (kind) {
        case COUNT -> (double) tiles.cells[row + first];
        case SUM -> SumPartial.sumAt(tiles, row + first);
        // 0 / 0 is NaN, which is missing.
        case MEAN -> SumPartial.sumAt(tiles, row + first) / (double) tiles.cells[row + second];
        case EXTREME -> tiles.number(row + first);
      };
    }
  }

  /** Of features that are text, lists or maps; text that is wholly a number reads as one. */
  non-sealed interface Other extends Finaliser {
    @Override
    default double number(Tiles tiles, int slot, long asOfMs) {
      return value(tiles, slot, asOfMs) instanceof String text
          ? Canonical.number(text)
          : Double.NaN;
    }
  }

  /** A finaliser of numbers from a lambda. */
  static Finaliser numeric(Numeric numeric) {
    return numeric;
  }

  /** A finaliser of other values from a lambda. */
  static Finaliser other(Other other) {
    return other;
  }
}
