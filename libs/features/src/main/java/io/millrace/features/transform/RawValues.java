// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.transform;

import io.millrace.features.view.FeatureText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Raw model inputs as numbers and as categories. */
final class RawValues {
  private static final String MARK = "&";

  private RawValues() {}

  /** Finite, or NaN where missing or no number; true is 1. */
  static double number(@Nullable Object raw) {
    double value =
        switch (raw) {
          case Number number -> number.doubleValue();
          case Boolean truth -> truth ? 1 : 0;
          case String text -> parse(text);
          case null, default -> Double.NaN;
        };
    return Double.isFinite(value) ? value : Double.NaN;
  }

  private static double parse(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** Integral numbers lose their fraction, so that 5 and 5.0 are one category. */
  static @Nullable String category(@Nullable Object raw) {
    if (raw instanceof Double number) {
      if (!Double.isFinite(number)) {
        return null;
      }
      boolean whole = number == Math.rint(number) && Math.abs(number) < 1L << 53;
      return whole ? Long.toString((long) (double) number) : number.toString();
    }
    return raw == null ? null : FeatureText.of(raw);
  }

  /**
   * The categories of several inputs as one, missing if one of them is. Different combinations are
   * different texts: a backslash stands before the mark between them where a category contains it.
   */
  static @Nullable String cross(@Nullable Object[] row, List<Integer> inputs) {
    StringBuilder crossed = new StringBuilder();
    for (int i = 0; i < inputs.size(); i++) {
      String category = category(row[inputs.get(i)]);
      if (category == null) {
        return null;
      }
      crossed.append(i == 0 ? "" : MARK);
      crossed.append(category.replace("\\", "\\\\").replace(MARK, "\\" + MARK));
    }
    return crossed.toString();
  }

  /** A slot from 0, the same on every platform and for ever. */
  static int slot(String category, int slots) {
    long hash = 0xCBF29CE484222325L;
    for (int i = 0; i < category.length(); i++) {
      hash = (hash ^ category.charAt(i)) * 0x100000001B3L;
    }
    hash = (hash ^ hash >>> 33) * 0xFF51AFD7ED558CCDL;
    hash = (hash ^ hash >>> 33) * 0xC4CEB9FE1A85EC53L;
    return (int) Long.remainderUnsigned(hash ^ hash >>> 33, slots);
  }
}
