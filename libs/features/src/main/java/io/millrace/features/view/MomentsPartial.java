// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/**
 * Count, mean and central moments up to order 2 or 4, updated and merged without the cancellation
 * of raw power sums (P. Pébay, "Formulas for robust, one-pass parallel computation of covariances
 * and arbitrary-order statistical moments", Sandia report SAND2008-6212).
 */
final class MomentsPartial extends Partial {
  private final boolean higher;

  MomentsPartial(boolean higher, int condition, int input) {
    super(
        higher ? "moments4" : "moments2",
        condition,
        input,
        higher
            ? new CellKind[] {
              CellKind.WHOLE, CellKind.NUMBER, CellKind.NUMBER, CellKind.NUMBER, CellKind.NUMBER
            }
            : new CellKind[] {CellKind.WHOLE, CellKind.NUMBER, CellKind.NUMBER},
        new long[higher ? 5 : 3],
        0);
    this.higher = higher;
  }

  /** Sample variance (divisor n − 1); NaN below two values. */
  double variance(Tiles tiles, int slot) {
    int at = cell(tiles, slot);
    long n = tiles.cells[at];
    return n < 2 ? Double.NaN : finite(tiles.number(at + 2) / (n - 1));
  }

  /** Population skewness g1; NaN where the values do not vary. */
  double skewness(Tiles tiles, int slot) {
    int at = cell(tiles, slot);
    double n = tiles.cells[at];
    double m2 = tiles.number(at + 2);
    return n < 2 || !(m2 > 0)
        ? Double.NaN
        : finite(Math.sqrt(n) * tiles.number(at + 3) / (m2 * Math.sqrt(m2)));
  }

  /** Population excess kurtosis g2 (0 for a normal distribution); NaN where values do not vary. */
  double kurtosis(Tiles tiles, int slot) {
    int at = cell(tiles, slot);
    double n = tiles.cells[at];
    double m2 = tiles.number(at + 2);
    return n < 2 || !(m2 > 0) ? Double.NaN : finite(n * tiles.number(at + 4) / (m2 * m2) - 3);
  }

  private static double finite(double value) {
    return Double.isFinite(value) ? value : Double.NaN;
  }

  @Override
  void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    double value = inputs.numbers[input];
    if (!Double.isNaN(value)) {
      combine(tiles, cell(tiles, slot), 1, value, 0, 0, 0);
    }
  }

  @Override
  void merge(Tiles into, int slot, Tiles from, int first, int end) {
    int target = cell(into, slot);
    for (int i = first, at = cell(from, first); i < end; i++, at += from.cellStride) {
      combine(
          into,
          target,
          from.cells[at],
          from.number(at + 1),
          from.number(at + 2),
          higher ? from.number(at + 3) : 0,
          higher ? from.number(at + 4) : 0);
    }
  }

  private void combine(
      Tiles into, int at, long count, double mean, double m2, double m3, double m4) {
    if (count == 0) {
      return;
    }
    if (into.cells[at] == 0) {
      into.cells[at] = count;
      into.number(at + 1, mean);
      into.number(at + 2, m2);
      if (higher) {
        into.number(at + 3, m3);
        into.number(at + 4, m4);
      }
      return;
    }
    double na = into.cells[at];
    double nb = count;
    double n = na + nb;
    double delta = mean - into.number(at + 1);
    double part = delta / n;
    double ma2 = into.number(at + 2);
    double cross = delta * part * na * nb;
    into.cells[at] += count;
    into.number(at + 1, into.number(at + 1) + part * nb);
    into.number(at + 2, ma2 + m2 + cross);
    if (higher) {
      double ma3 = into.number(at + 3);
      into.number(at + 3, ma3 + m3 + cross * part * (na - nb) + 3 * part * (na * m2 - nb * ma2));
      into.number(
          at + 4,
          into.number(at + 4)
              + m4
              + cross * part * part * (na * na - na * nb + nb * nb)
              + 6 * part * part * (na * na * m2 + nb * nb * ma2)
              + 4 * part * (na * m3 - nb * ma3));
    }
  }
}
