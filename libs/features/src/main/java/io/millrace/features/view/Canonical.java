// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/** Canonical event values as text and as numbers. */
final class Canonical {
  private Canonical() {}

  /**
   * A category: integral numbers lose their fraction, so that 5 and 5.0 are one, and long texts
   * their end, see {@link KeptText}.
   */
  static String category(Object value) {
    if (value instanceof Double number
        && number == Math.rint(number)
        && Math.abs(number) < 1L << 53) {
      return Long.toString((long) (double) number);
    }
    return KeptText.category(value.toString());
  }

  /** The number a text spells; NaN if it is none. */
  static double number(String text) {
    if (text.isEmpty() || text.length() > 32 || "+-.0123456789".indexOf(text.charAt(0)) < 0) {
      return Double.NaN;
    }
    char last = text.charAt(text.length() - 1);
    if (last != '.' && (last < '0' || last > '9')) {
      return Double.NaN;
    }
    try {
      double value = Double.parseDouble(text);
      return Double.isFinite(value) ? value : Double.NaN;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
