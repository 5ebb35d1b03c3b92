// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

import java.util.Locale;

/** Text and numbers on their way into a page. Everything that came with the data passes here. */
final class Html {
  private static final int MAX_TEXT = 120;

  private Html() {}

  /** The text without a meaning to a browser; long text is cut. */
  static String text(String raw) {
    String cut =
        raw.length() > MAX_TEXT
            ? raw.substring(0, raw.offsetByCodePoints(0, raw.codePointCount(0, MAX_TEXT))) + "…"
            : raw;
    StringBuilder safe = new StringBuilder(cut.length() + 16);
    for (int i = 0; i < cut.length(); i++) {
      char c = cut.charAt(i);
      switch (c) {
        case '&' -> safe.append("&amp;");
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '"' -> safe.append("&quot;");
        case '\'' -> safe.append("&#39;");
        // What has no glyph, and half of a surrogate pair, is shown as what it is: unreadable.
        default -> safe.append(Character.isISOControl(c) || lone(cut, i) ? '\uFFFD' : c);
      }
    }
    return safe.toString();
  }

  private static boolean lone(String text, int i) {
    char c = text.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
    }
    return Character.isLowSurrogate(c)
        && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
  }

  /** A whole number, thousands apart. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value).replace(',', '\u202F');
  }

  /** Four significant digits; thousands apart in whole numbers. */
  static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return count((long) value);
    }
    double size = Math.abs(value);
    return size >= 1e-4 && size < 1e7
        ? String.format(Locale.ROOT, "%." + digits(size) + "f", value)
        : String.format(Locale.ROOT, "%.3e", value);
  }

  /** Decimals that leave four significant digits. */
  private static int digits(double size) {
    return Math.clamp(3 - (long) Math.floor(Math.log10(size)), 0, 7);
  }

  /** {@code 12.3 %}. */
  static String percent(double share) {
    double shown = 100 * share;
    return shown > 0 && shown < 0.01
        ? "<0.01 %"
        : String.format(Locale.ROOT, shown > 0 && shown < 1 ? "%.2f %%" : "%.1f %%", shown)
            .replace(".0 %", " %");
  }

  /** A coordinate. */
  static String at(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
