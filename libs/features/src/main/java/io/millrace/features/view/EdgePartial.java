// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The first or last value that is not missing, with its event time. Among equal times the first to
 * arrive is first and the last to arrive is last.
 */
final class EdgePartial extends Partial {
  /** What is kept beside the time. */
  enum Of {
    /** Nothing: events themselves. */
    TIME,
    NUMBER,
    OBJECT
  }

  private final boolean last;
  private final Of of;

  EdgePartial(boolean last, Of of, int condition, int input) {
    super(
        (last ? "last " : "first ") + of,
        condition,
        input,
        of == Of.NUMBER
            ? new CellKind[] {CellKind.TIME, CellKind.NUMBER}
            : new CellKind[] {CellKind.TIME},
        of == Of.NUMBER ? new long[] {none(last), 0} : new long[] {none(last)},
        of == Of.OBJECT ? 1 : 0);
    this.last = last;
    this.of = of;
  }

  boolean isEmpty(Tiles tiles, int slot) {
    return tiles.cells[cell(tiles, slot)] == none(last);
  }

  long timeMs(Tiles tiles, int slot) {
    return tiles.cells[cell(tiles, slot)];
  }

  double number(Tiles tiles, int slot) {
    return isEmpty(tiles, slot) ? Double.NaN : tiles.number(cell(tiles, slot) + 1);
  }

  @Nullable Object object(Tiles tiles, int slot) {
    return tiles.refs[ref(tiles, slot)];
  }

  /** Loses against every time. */
  private static long none(boolean last) {
    return last ? Long.MIN_VALUE : Long.MAX_VALUE;
  }

  private boolean replaces(long time, long held) {
    return last ? time >= held : time < held;
  }

  @Override
  void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    int at = cell(tiles, slot);
    if (!replaces(timeMs, tiles.cells[at])) {
      return;
    }
    if (of == Of.NUMBER) {
      double value = inputs.numbers[input];
      if (Double.isNaN(value)) {
        return;
      }
      tiles.number(at + 1, value);
    } else if (of == Of.OBJECT) {
      Object value = inputs.objects[input];
      if (value == null) {
        return;
      }
      tiles.refs[ref(tiles, slot)] = value;
    }
    tiles.cells[at] = timeMs;
  }

  @Override
  void merge(Tiles into, int slot, Tiles from, int first, int end) {
    int target = cell(into, slot);
    for (int i = first; i < end; i++) {
      int at = cell(from, i);
      if (!isEmpty(from, i) && replaces(from.cells[at], into.cells[target])) {
        into.cells[target] = from.cells[at];
        if (of == Of.NUMBER) {
          into.cells[target + 1] = from.cells[at + 1];
        } else if (of == Of.OBJECT) {
          into.refs[ref(into, slot)] = from.refs[ref(from, i)];
        }
      }
    }
  }

  @Override
  long mostRefBytes() {
    return 1 + TimedList.TEXT_BYTES;
  }

  @Override
  void writeRef(Tiles tiles, int slot, ByteWriter out) {
    if (!isEmpty(tiles, slot)) {
      out.value(Objects.requireNonNull(tiles.refs[ref(tiles, slot)]));
    }
  }

  @Override
  void readRef(Tiles tiles, int slot, ByteReader in) {
    tiles.refs[ref(tiles, slot)] = isEmpty(tiles, slot) ? null : in.value();
  }
}
