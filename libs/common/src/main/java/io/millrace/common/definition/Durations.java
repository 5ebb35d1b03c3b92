// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import java.time.Duration;
import java.time.format.DateTimeParseException;

/**
 * Durations as written in application files: {@code 500ms}, {@code 90s}, {@code 30m}, {@code 12h},
 * {@code 7d}, {@code 2w}, or ISO-8601.
 */
public final class Durations {
  private Durations() {}

  /**
   * Parses a duration. A day is 24 hours, a week 7 days.
   *
   * @throws IllegalArgumentException naming the text where it is not a duration
   */
  public static Duration parse(String text) {
    String form = text.strip();
    if (form.startsWith("P") || form.startsWith("-P")) {
      try {
        return Duration.parse(form);
      } catch (DateTimeParseException e) {
        throw new IllegalArgumentException("'" + text + "' is not an ISO-8601 duration", e);
      }
    }
    return Duration.ofMillis(io.millrace.features.view.Durations.parseMs(form));
  }
}
