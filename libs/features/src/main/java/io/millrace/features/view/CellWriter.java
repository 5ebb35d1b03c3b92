// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/**
 * Writes vectors of cells of one kind, each in the shortest of several lossless forms. A form is
 * three bits:
 *
 * <ul>
 *   <li>{@link #EMPTY}: every cell is as in a tile without events
 *   <li>{@link #SAME}: equal to the vector written before
 *   <li>{@link #MIXED}: a bit per cell says which are empty, then the others as a vector
 *   <li>{@link #INTEGERS}: width (6 bits), reference, then each value minus the reference
 *   <li>{@link #STEPS}: the first value, width, reference, then each difference minus the reference
 *   <li>{@link #HUNDREDTHS}: numbers that are whole hundredths, as integers of those
 *   <li>{@link #NUMBERS}: a bit, then either the doubles' bits like integers, or each number by
 *       itself
 *   <li>{@link #AGAIN}: integers of the width of the last integers, reference 0; of times: all
 *       equal to the state's newest
 * </ul>
 *
 * <p>Packing relative to a reference is J. Goldstein, R. Ramakrishnan and U. Shaft's "Compressing
 * relations and indexes" (ICDE 1998). What is written depends only on the cells. Not thread-safe.
 */
final class CellWriter extends Cells {
  private final ByteWriter out;

  CellWriter(ByteWriter out) {
    this.out = out;
  }

  /** Writes the first {@code size} of {@link #values}. */
  void write(int size, CellKind kind, long newestMs) {
    int empty = 0;
    for (int i = 0; i < size; i++) {
      if (values[i] == empties[i]) {
        empty++;
      }
    }
    if (empty == size) {
      out.bits(EMPTY, FORM_BITS);
    } else if (comparable(size, kind) && sameAsBefore(size)) {
      out.bits(SAME, FORM_BITS);
    } else if (empty == 0) {
      System.arraycopy(values, 0, work, 0, size);
      vector(size, kind, newestMs);
    } else {
      out.bits(MIXED, FORM_BITS);
      int present = 0;
      for (int i = 0; i < size; i++) {
        boolean here = values[i] != empties[i];
        out.flag(here);
        if (here) {
          work[present++] = values[i];
        }
      }
      vector(present, kind, newestMs);
    }
    remember(size, kind);
  }

  private void vector(int size, CellKind kind, long newestMs) {
    switch (kind) {
      case WHOLE -> integers(size, true);
      case TIME -> {
        boolean newest = true;
        for (int i = 0; i < size; i++) {
          work[i] -= newestMs;
          newest &= work[i] == 0;
        }
        if (newest) {
          out.bits(AGAIN, FORM_BITS);
        } else {
          integers(size, false);
        }
      }
      case NUMBER -> numbers(size);
    }
  }

  private void integers(int size, boolean again) {
    long least = work[0];
    long most = work[0];
    long leastStep = Long.MAX_VALUE;
    long mostStep = Long.MIN_VALUE;
    for (int i = 1; i < size; i++) {
      long value = work[i];
      least = Math.min(least, value);
      most = Math.max(most, value);
      long step = value - work[i - 1];
      leastStep = Math.min(leastStep, step);
      mostStep = Math.max(mostStep, step);
    }
    int width = width(most - least);
    if (size > 2) {
      int stepWidth = width(mostStep - leastStep);
      // The first value costs about as much as a reference and a few values.
      if ((long) (size - 1) * stepWidth + 24 < (long) size * width) {
        out.bits(STEPS, FORM_BITS);
        out.signed(work[0]);
        out.bits(code(stepWidth), WIDTH_BITS);
        out.signed(leastStep);
        for (int i = 1; i < size; i++) {
          out.bits(work[i] - work[i - 1] - leastStep, stepWidth);
        }
        return;
      }
    }
    boolean zero = least >= 0 && width(most) == width;
    if (again && zero && width == lastWidth) {
      out.bits(AGAIN, FORM_BITS);
    } else {
      out.bits(INTEGERS, FORM_BITS);
      out.bits(code(width), WIDTH_BITS);
      out.flag(zero);
      if (!zero) {
        out.signed(least);
      }
    }
    lastWidth = width;
    pack(size, zero ? 0 : least, width);
  }

  private void pack(int size, long reference, int width) {
    for (int i = 0; i < size; i++) {
      out.bits(work[i] - reference, width);
    }
  }

  private void numbers(int size) {
    boolean whole = true;
    boolean hundredths = true;
    for (int i = 0; i < size && (whole || hundredths); i++) {
      double value = Double.longBitsToDouble(work[i]);
      boolean small = Math.abs(value) < ByteWriter.SHORT_LIMIT;
      whole &= small && ByteWriter.same((double) (long) value, value);
      hundredths &= small && ByteWriter.same(Math.round(value * 100) / 100.0, value);
    }
    if (whole) {
      for (int i = 0; i < size; i++) {
        work[i] = (long) Double.longBitsToDouble(work[i]);
      }
      integers(size, true);
      return;
    }
    if (hundredths) {
      for (int i = 0; i < size; i++) {
        work[i] = Math.round(Double.longBitsToDouble(work[i]) * 100);
      }
      out.bits(HUNDREDTHS, FORM_BITS);
      reference(size);
      return;
    }
    out.bits(NUMBERS, FORM_BITS);
    boolean each = costOfEach(size) < costOfBits(size);
    out.flag(each);
    if (each) {
      for (int i = 0; i < size; i++) {
        out.number(Double.longBitsToDouble(work[i]));
      }
    } else {
      reference(size);
    }
  }

  /** Width, reference and the differences to it. */
  private void reference(int size) {
    long least = least(size);
    int width = width(most(size) - least);
    out.bits(code(width), WIDTH_BITS);
    out.signed(least);
    pack(size, least, width);
  }

  private long least(int size) {
    long least = work[0];
    for (int i = 1; i < size; i++) {
      least = Math.min(least, work[i]);
    }
    return least;
  }

  private long most(int size) {
    long most = work[0];
    for (int i = 1; i < size; i++) {
      most = Math.max(most, work[i]);
    }
    return most;
  }

  private long costOfBits(int size) {
    return WIDTH_BITS + 72 + (long) size * width(most(size) - least(size));
  }

  private long costOfEach(int size) {
    long bits = 0;
    for (int i = 0; i < size; i++) {
      bits += ByteWriter.bitsOf(Double.longBitsToDouble(work[i]));
    }
    return bits;
  }

  /** Bits of an unsigned number; 64 in place of 63, so that six bits can say it. */
  static int width(long unsigned) {
    int width = 64 - Long.numberOfLeadingZeros(unsigned);
    return width >= 63 ? 64 : width;
  }

  private static int code(int width) {
    return width == 64 ? 63 : width;
  }
}
