// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;

/**
 * Vectors of cells of one kind, one after the other, and the forms in which they are written: three
 * bits, of which {@link CellWriter} says what follows them. Not thread-safe.
 */
abstract sealed class Cells permits CellReader, CellWriter {
  static final int EMPTY = 0;
  static final int SAME = 1;
  static final int MIXED = 2;
  static final int INTEGERS = 3;
  static final int STEPS = 4;
  static final int HUNDREDTHS = 5;
  static final int NUMBERS = 6;
  static final int AGAIN = 7;
  static final int FORM_BITS = 3;
  static final int WIDTH_BITS = 6;

  /** The vector: filled by the caller to be written, or read. */
  long[] values = new long[16];

  /** What its cells are in an empty tile, filled by the caller. */
  long[] empties = new long[16];

  /** Scratch space as long as the vector. */
  long[] work = new long[16];

  /** Width of the last integers; −1 for none. */
  int lastWidth = -1;

  private long[] before = new long[16];
  private int sizeBefore = -1;
  private CellKind kindBefore = CellKind.WHOLE;

  /** Forgets the vectors before. */
  final void reset() {
    sizeBefore = -1;
    lastWidth = -1;
  }

  /** Makes {@link #values} and {@link #empties} at least that long. */
  final void reserve(int size) {
    if (values.length < size) {
      int capacity = Math.max(size, values.length * 2);
      values = new long[capacity];
      empties = new long[capacity];
      work = new long[capacity];
      before = Arrays.copyOf(before, capacity);
    }
  }

  /** Whether the vector before was of that size and kind. */
  final boolean comparable(int size, CellKind kind) {
    return sizeBefore == size && kindBefore == kind;
  }

  /** Whether the vector, {@link #comparable} with the one before, is equal to it. */
  final boolean sameAsBefore(int size) {
    return Arrays.equals(values, 0, size, before, 0, size);
  }

  /** Makes the vector equal to the {@link #comparable} one before. */
  final void takeBefore(int size) {
    System.arraycopy(before, 0, values, 0, size);
  }

  /** The vector is the one before from now on. */
  final void remember(int size, CellKind kind) {
    System.arraycopy(values, 0, before, 0, size);
    sizeBefore = size;
    kindBefore = kind;
  }
}
