// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules.TimeFormat;
import org.jspecify.annotations.Nullable;

/**
 * In which format a value is a moment, a day or a time of day. Strings are read character by
 * character, since nearly all of them are none of these and most show it at once; fields are
 * checked for their ranges, days for those that their month has.
 */
final class TimeForms {
  private static final long FIRST_SECONDS = 100_000_000L; // 1973, smaller numbers are counts
  private static final long LAST_SECONDS = 10_000_000_000L; // 2286
  private static final long MILLIS = 1_000;
  private static final int DATE_LENGTH = 10;
  private static final int MOST_CHARS = 40;
  private static final int LONGEST_OFFSET_HOURS = 18;

  private TimeForms() {}

  /** The format that a whole number fits; null for none. */
  static @Nullable TimeFormat of(long value) {
    if (value >= FIRST_SECONDS && value < LAST_SECONDS) {
      return TimeFormat.UNIX_SECONDS;
    }
    return value >= FIRST_SECONDS * MILLIS && value < LAST_SECONDS * MILLIS
        ? TimeFormat.UNIX_MILLIS
        : null;
  }

  /** The format that a string fits; null for none. */
  static @Nullable TimeFormat of(String text) {
    if (text.isEmpty() || text.length() > MOST_CHARS || !digit(text, 0)) {
      return null;
    }
    if (text.length() >= DATE_LENGTH && date(text)) {
      if (text.length() == DATE_LENGTH) {
        return TimeFormat.DATE;
      }
      char between = text.charAt(DATE_LENGTH);
      int end = between == 'T' || between == ' ' ? time(text, DATE_LENGTH + 1) : -1;
      if (end == text.length()) {
        return TimeFormat.DATE_TIME;
      }
      return end > 0 && offset(text, end) ? TimeFormat.INSTANT : null;
    }
    return time(text, 0) == text.length() ? TimeFormat.TIME_OF_DAY : null;
  }

  /** The number from which on one of seconds or milliseconds is not in its format any more. */
  static long last(TimeFormat format) {
    return format == TimeFormat.UNIX_MILLIS ? LAST_SECONDS * MILLIS : LAST_SECONDS;
  }

  private static boolean date(String text) {
    int month = pair(text, 5);
    int day = pair(text, 8);
    return pair(text, 0) >= 0
        && pair(text, 2) >= 0
        && text.charAt(4) == '-'
        && text.charAt(7) == '-'
        && month >= 1
        && month <= 12
        && day >= 1
        && day <= days(100 * pair(text, 0) + pair(text, 2), month);
  }

  private static int days(int year, int month) {
    return switch (month) {
      case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
      case 4, 6, 9, 11 -> 30;
      default -> 31;
    };
  }

  /**
   * Where {@code hh:mm[:ss[.fraction]]} ends; -1 where there is none. A leap second is a second.
   */
  private static int time(String text, int from) {
    int hour = pair(text, from);
    int minute = pair(text, from + 3);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text.charAt(from + 2) != ':') {
      return -1;
    }
    int end = from + 5;
    if (end >= text.length() || text.charAt(end) != ':') {
      return end;
    }
    int second = pair(text, end + 1);
    if (second < 0 || second > 60) {
      return -1;
    }
    end += 3;
    if (end < text.length() && text.charAt(end) == '.') {
      int digits = end + 1;
      while (digits < text.length() && digit(text, digits)) {
        digits++;
      }
      return digits == end + 1 ? -1 : digits;
    }
    return end;
  }

  private static boolean offset(String text, int from) {
    char sign = text.charAt(from);
    if (sign == 'Z' || sign == 'z') {
      return text.length() == from + 1;
    }
    int hour = pair(text, from + 1);
    boolean colon = text.length() == from + 6 && text.charAt(from + 3) == ':';
    boolean hoursOnly = text.length() == from + 3;
    int minute = hoursOnly ? 0 : pair(text, colon ? from + 4 : from + 3);
    return (sign == '+' || sign == '-')
        && hour >= 0
        && hour <= LONGEST_OFFSET_HOURS
        && (hoursOnly || colon || text.length() == from + 5)
        && minute >= 0
        && minute <= (hour == LONGEST_OFFSET_HOURS ? 0 : 59);
  }

  /** Two digits as a number; -1 where there are none. */
  private static int pair(String text, int at) {
    return at + 1 < text.length() && digit(text, at) && digit(text, at + 1)
        ? 10 * (text.charAt(at) - '0') + text.charAt(at + 1) - '0'
        : -1;
  }

  private static boolean digit(String text, int at) {
    return text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }
}
