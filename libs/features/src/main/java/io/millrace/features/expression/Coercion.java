// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** How canonical values turn into each other; every method maps what has no meaning to missing. */
final class Coercion {
  private static final double TWO_63 = 0x1p63;
  private static final long EXACT_IN_DOUBLE = 1L << 53;

  private Coercion() {}

  /** A number, or a string that is wholly a number; NaN otherwise. Never infinite. */
  static double number(@Nullable Object value) {
    return switch (value) {
      case Double number -> Double.isFinite(number) ? number : Double.NaN;
      case Long whole -> whole == Node.NO_INTEGER ? Double.NaN : whole.doubleValue();
      case String text -> parse(text);
      case Number other -> Double.isFinite(other.doubleValue()) ? other.doubleValue() : Double.NaN;
      case null, default -> Double.NaN;
    };
  }

  static long integer(@Nullable Object value) {
    return switch (value) {
      case Long whole -> whole;
      case Integer whole -> whole.longValue();
      case Double number when number == Math.rint(number) -> truncate(number);
      case null, default -> Node.NO_INTEGER;
    };
  }

  static int truth(@Nullable Object value) {
    if (value instanceof Boolean truth) {
      return truth ? Node.TRUE : Node.FALSE;
    }
    if (value instanceof String text) {
      return text.equals("true") ? Node.TRUE : text.equals("false") ? Node.FALSE : Node.UNKNOWN;
    }
    return Node.UNKNOWN;
  }

  static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  /** Towards zero; missing where it does not fit. */
  static long truncate(double value) {
    return value > -TWO_63 && value < TWO_63 ? (long) value : Node.NO_INTEGER;
  }

  static double parse(String text) {
    if (!isDecimal(text)) {
      return Double.NaN;
    }
    double value = Double.parseDouble(text);
    return Double.isFinite(value) ? value : Double.NaN;
  }

  static long parseInteger(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return Node.NO_INTEGER;
    }
  }

  /** Sign of {@code whole − number} without the rounding of a conversion. */
  static int compare(long whole, double number) {
    if ((whole <= EXACT_IN_DOUBLE && whole >= -EXACT_IN_DOUBLE) || Double.isInfinite(number)) {
      return compare((double) whole, number);
    }
    return BigDecimal.valueOf(whole).compareTo(new BigDecimal(number));
  }

  /** Numeric order, in which −0.0 equals 0.0; neither may be NaN. */
  static int compare(double a, double b) {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** JSON's number grammar, plus a leading '+', a leading '.' and leading zeros. */
  private static boolean isDecimal(String text) {
    int length = text.length();
    int at = 0;
    if (at < length && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
      at++;
    }
    int digits = 0;
    while (at < length && isDigit(text.charAt(at))) {
      at++;
      digits++;
    }
    if (at < length && text.charAt(at) == '.') {
      at++;
      while (at < length && isDigit(text.charAt(at))) {
        at++;
        digits++;
      }
    }
    if (digits == 0) {
      return false;
    }
    if (at < length && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
      at++;
      if (at < length && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
        at++;
      }
      int exponent = at;
      while (at < length && isDigit(text.charAt(at))) {
        at++;
      }
      if (at == exponent) {
        return false;
      }
    }
    return at == length;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
