// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as written in definitions: a whole number and one of {@code ms s m h d w}. */
public final class Durations {
  private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d|w)");

  private Durations() {}

  /**
   * Milliseconds of a duration longer than zero.
   *
   * @throws IllegalArgumentException with a message for the author if the form is wrong or the
   *     duration is zero
   */
  static long parsePositiveMs(String text) {
    long ms = parseMs(text);
    if (ms == 0) {
      throw new IllegalArgumentException("'" + text + "' is zero");
    }
    return ms;
  }

  /**
   * Milliseconds.
   *
   * @throws IllegalArgumentException with a message for the author if the form is wrong
   */
  public static long parseMs(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a duration; write a whole number and ms, s, m, h, d or w");
    }
    long unit =
        switch (matcher.group(2)) {
          case "ms" -> 1L;
          case "s" -> 1_000L;
          case "m" -> 60_000L;
          case "h" -> 3_600_000L;
          case "d" -> 86_400_000L;
          default -> 604_800_000L;
        };
    long count = Long.parseLong(matcher.group(1));
    if (count > Long.MAX_VALUE / 4 / unit) {
      throw new IllegalArgumentException("'" + text + "' is too long");
    }
    return count * unit;
  }

  /** The shortest exact form, for messages. */
  static String format(long ms) {
    if (ms % 86_400_000 == 0) {
      return ms / 86_400_000 + "d";
    }
    if (ms % 3_600_000 == 0) {
      return ms / 3_600_000 + "h";
    }
    if (ms % 60_000 == 0) {
      return ms / 60_000 + "m";
    }
    return ms % 1_000 == 0 ? ms / 1_000 + "s" : ms + "ms";
  }
}
