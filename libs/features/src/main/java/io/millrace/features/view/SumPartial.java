// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/**
 * Sum with a running compensation (A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur
 * Summation endlicher Summen", ZAMM 54, 1974): the error is about one rounding of the result plus
 * n·2⁻¹⁰⁶ times the sum of magnitudes, whatever cancels. A sum whose running value leaves the range
 * of doubles is missing from then on.
 */
final class SumPartial extends Partial {
  SumPartial(int condition, int input) {
    super(
        "sum", condition, input, new CellKind[] {CellKind.NUMBER, CellKind.NUMBER}, new long[2], 0);
  }

  /** NaN where the sum left the range of doubles. */
  double sum(Tiles tiles, int slot) {
    return sumAt(tiles, cell(tiles, slot));
  }

  /** Of the sum whose first cell is given. */
  static double sumAt(Tiles tiles, int at) {
    double sum = tiles.number(at) + tiles.number(at + 1);
    return Double.isFinite(sum) ? sum : Double.NaN;
  }

  @Override
  void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    double value = inputs.numbers[input];
    if (!Double.isNaN(value)) {
      int at = cell(tiles, slot);
      double high = tiles.number(at);
      double sum = high + value;
      tiles.number(at, sum);
      tiles.number(at + 1, tiles.number(at + 1) + lost(high, value, sum));
    }
  }

  @Override
  void merge(Tiles into, int slot, Tiles from, int first, int end) {
    int target = cell(into, slot);
    double high = into.number(target);
    double low = into.number(target + 1);
    for (int i = first, at = cell(from, first); i < end; i++, at += from.cellStride) {
      double value = from.number(at);
      double sum = high + value;
      low += lost(high, value, sum) + from.number(at + 1);
      high = sum;
    }
    into.number(target, high);
    into.number(target + 1, low);
  }

  /** What the rounded {@code sum} of a and b lost, exactly (D. Knuth's two-sum). */
  private static double lost(double a, double b, double sum) {
    double bPart = sum - a;
    double aPart = sum - bPart;
    return (a - aPart) + (b - bPart);
  }
}
