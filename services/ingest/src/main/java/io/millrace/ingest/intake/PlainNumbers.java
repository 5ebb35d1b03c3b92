// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers written as text. */
final class PlainNumbers {
  /** Every number of so many digits is a long; most of one more are. */
  private static final int LONG_DIGITS = 18;

  private static final int TEXT_MAX = 400;
  private static final Pattern INTEGRAL_WITH_FRACTION = Pattern.compile("-?(0|[1-9]\\d*)\\.0+");

  private PlainNumbers() {}

  /**
   * The number that the whole text is: Long, or Double where it has a fraction, an exponent or no
   * room in a long; null where it is none. Neither hexadecimal nor NaN, nor infinite ones.
   */
  static @Nullable Object parse(String text) {
    int length = text.length();
    if (length == 0 || length > TEXT_MAX) {
      return null;
    }
    int at = text.charAt(0) == '-' || text.charAt(0) == '+' ? 1 : 0;
    int digits = digits(text, at);
    int end = at + digits;
    if (end == length && digits > 0 && digits <= LONG_DIGITS) {
      return Long.parseLong(text);
    }
    if (end == length && digits == LONG_DIGITS + 1) {
      return longOrDouble(text);
    }
    int fraction = 0;
    if (end < length && text.charAt(end) == '.') {
      fraction = digits(text, end + 1);
      end += 1 + fraction;
    }
    if (digits + fraction == 0) {
      return null;
    }
    if (end < length && (text.charAt(end) == 'e' || text.charAt(end) == 'E')) {
      int sign = end + 1 < length && "+-".indexOf(text.charAt(end + 1)) >= 0 ? 1 : 0;
      int exponent = digits(text, end + 1 + sign);
      if (exponent == 0) {
        return null;
      }
      end += 1 + sign + exponent;
    }
    return end == length ? (Object) Double.valueOf(text) : null;
  }

  /** Numbers of 19 digits are usual as ids; a double would make one of neighbours. */
  private static Object longOrDouble(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException beyond) {
      return Double.parseDouble(text);
    }
  }

  /** As {@link #parse}, but text such as 007 or +1, which a number would not give back, is none. */
  static @Nullable Object parseCanonical(String text) {
    int at = text.startsWith("-") ? 1 : 0;
    boolean padded =
        text.startsWith("+")
            || text.startsWith(".", at)
            || text.endsWith(".")
            || (text.length() > at + 1
                && text.charAt(at) == '0'
                && Character.isDigit(text.charAt(at + 1)));
    return padded ? null : parse(text);
  }

  /** Whether the text is one of the usual names of NaN or an infinity. */
  static boolean isNotFinite(String text) {
    String plain = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    return switch (plain.toLowerCase(Locale.ROOT)) {
      case "nan", "inf", "infinity" -> true;
      default -> false;
    };
  }

  /** A key written as a number with an empty fraction without it: 17850.0 is 17850. */
  static String withoutEmptyFraction(String key) {
    return INTEGRAL_WITH_FRACTION.matcher(key).matches() ? key.substring(0, key.indexOf('.')) : key;
  }

  private static int digits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at - from;
  }
}
