// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.util.Locale;

/** Shares of rows with what their number allows to say about them. */
final class Shares {
  /** Two-sided 99 % confidence. */
  private static final double Z = 2.5758293035489004;

  private Shares() {}

  /**
   * Lower end of Wilson's 99 % score interval of a share: what may be claimed of {@code hits} in
   * {@code rows}. 0 without rows. Source: E. B. Wilson, "Probable inference, the law of succession,
   * and statistical inference", 1927.
   */
  static double atLeast(long hits, long rows) {
    if (rows == 0 || hits == 0) {
      return 0;
    }
    double share = (double) hits / rows;
    double z2 = Z * Z / rows;
    double centre = share + z2 / 2;
    double half = Z * Math.sqrt(share * (1 - share) / rows + z2 / (4 * rows));
    return Math.max(0, (centre - half) / (1 + z2));
  }

  /** {@code 12.3 %}. */
  static String percent(double share) {
    double shown = share * 100;
    return shown > 0 && shown < 0.01
        ? "<0.01 %"
        : String.format(Locale.ROOT, shown < 1 ? "%.2f %%" : "%.1f %%", shown);
  }

  /** Four significant digits, whole numbers as such. */
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.4g", value);
  }
}
