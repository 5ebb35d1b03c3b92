// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;

/** Reads what {@link CellWriter} wrote. Not thread-safe. */
final class CellReader extends Cells {
  private final ByteReader in;

  CellReader(ByteReader in) {
    this.in = in;
  }

  /** Reads {@code size} values into {@link #values}. */
  void read(int size, CellKind kind, long newestMs) {
    int form = (int) in.bits(FORM_BITS);
    switch (form) {
      case EMPTY -> System.arraycopy(empties, 0, values, 0, size);
      case SAME -> {
        if (!comparable(size, kind)) {
          throw corrupt();
        }
        takeBefore(size);
      }
      case MIXED -> mixed(size, kind, newestMs);
      default -> vector(form, size, kind, newestMs);
    }
    remember(size, kind);
  }

  private static IllegalArgumentException corrupt() {
    return new IllegalArgumentException("corrupt feature state: column");
  }

  private void mixed(int size, CellKind kind, long newestMs) {
    // A bit for each cell, in words of scratch space.
    int count = 0;
    for (int from = 0; from < size; from += 64) {
      work[from / 64] = in.bits(Math.min(64, size - from));
      count += Long.bitCount(work[from / 64]);
    }
    if (count == 0) {
      throw corrupt();
    }
    vector((int) in.bits(FORM_BITS), count, kind, newestMs);
    // From the end, so that no value is overwritten before it is moved.
    int next = count - 1;
    for (int i = size - 1; i >= 0; i--) {
      boolean here = (work[i / 64] >>> i & 1) != 0;
      values[i] = here ? values[next--] : empties[i];
    }
  }

  private void vector(int form, int size, CellKind kind, long newestMs) {
    switch (form) {
      case INTEGERS -> {
        lastWidth = width();
        unpack(size, in.flag() ? 0 : in.signed(), lastWidth);
        finish(size, kind, newestMs);
      }
      case STEPS -> {
        steps(size);
        finish(size, kind, newestMs);
      }
      case AGAIN -> {
        if (kind == CellKind.TIME) {
          Arrays.fill(values, 0, size, newestMs);
          return;
        }
        if (lastWidth < 0) {
          throw corrupt();
        }
        unpack(size, 0, lastWidth);
        finish(size, kind, newestMs);
      }
      case HUNDREDTHS -> {
        int width = width();
        unpack(size, in.signed(), width);
        for (int i = 0; i < size; i++) {
          values[i] = Double.doubleToRawLongBits(values[i] / 100.0);
        }
      }
      case NUMBERS -> {
        if (in.flag()) {
          for (int i = 0; i < size; i++) {
            values[i] = Double.doubleToRawLongBits(in.number());
          }
        } else {
          int width = width();
          unpack(size, in.signed(), width);
        }
      }
      default -> throw corrupt();
    }
  }

  private int width() {
    int code = (int) in.bits(WIDTH_BITS);
    return code == 63 ? 64 : code;
  }

  private void unpack(int size, long reference, int width) {
    for (int i = 0; i < size; i++) {
      values[i] = in.bits(width) + reference;
    }
  }

  private void steps(int size) {
    long value = in.signed();
    int width = width();
    long least = in.signed();
    values[0] = value;
    for (int i = 1; i < size; i++) {
      value += in.bits(width) + least;
      values[i] = value;
    }
  }

  private void finish(int size, CellKind kind, long newestMs) {
    if (kind == CellKind.TIME) {
      for (int i = 0; i < size; i++) {
        values[i] += newestMs;
      }
    } else if (kind == CellKind.NUMBER) {
      for (int i = 0; i < size; i++) {
        values[i] = Double.doubleToRawLongBits((double) values[i]);
      }
    }
  }
}
