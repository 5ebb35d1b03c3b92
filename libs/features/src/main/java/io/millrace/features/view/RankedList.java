// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The n greatest or smallest values, equal ones counted each; independent of order. */
final class RankedList {
  private final boolean greatest;
  private final int bound;

  /** Best first. */
  private double[] values = new double[4];

  private int size;

  RankedList(boolean greatest, int bound) {
    this.greatest = greatest;
    this.bound = bound;
  }

  void add(double value) {
    int at = size;
    while (at > 0 && isBetter(value, values[at - 1])) {
      at--;
    }
    if (at == bound) {
      return;
    }
    if (size == values.length && size < bound) {
      values = Arrays.copyOf(values, Math.min(bound, size * 2));
    }
    int moved = Math.min(size, bound - 1) - at;
    System.arraycopy(values, at, values, at + 1, moved);
    values[at] = value;
    size = Math.min(size + 1, bound);
  }

  private boolean isBetter(double a, double b) {
    int sign = Double.compare(a, b);
    return greatest ? sign > 0 : sign < 0;
  }

  List<Double> ordered() {
    List<Double> list = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      list.add(values[i]);
    }
    return list;
  }

  /** The partial that keeps such a list. */
  static final class Of extends RefPartial<RankedList> {
    private final boolean greatest;
    private final int bound;

    Of(boolean greatest, int bound, int condition, int input) {
      super(numbered(greatest ? "top_n" : "bottom_n", bound), RankedList.class, condition, input);
      this.greatest = greatest;
      this.bound = bound;
    }

    @Override
    long mostRefBytes() {
      return NUMBER_BYTES * (1L + bound);
    }

    @Override
    void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
      double value = inputs.numbers[input];
      if (!Double.isNaN(value)) {
        open(tiles, slot).add(value);
      }
    }

    @Override
    RankedList create() {
      return new RankedList(greatest, bound);
    }

    @Override
    void merge(RankedList into, RankedList from) {
      for (int i = 0; i < from.size; i++) {
        into.add(from.values[i]);
      }
    }

    @Override
    void write(RankedList summary, ByteWriter out) {
      out.unsigned(summary.size);
      for (int i = 0; i < summary.size; i++) {
        out.number(summary.values[i]);
      }
    }

    @Override
    RankedList read(ByteReader in) {
      RankedList list = create();
      list.size = in.count();
      list.values = new double[Math.max(4, list.size)];
      for (int i = 0; i < list.size; i++) {
        list.values[i] = in.number();
      }
      return list;
    }
  }
}
