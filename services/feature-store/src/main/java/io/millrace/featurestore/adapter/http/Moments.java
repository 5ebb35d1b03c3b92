// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Moments as callers write them. */
final class Moments {
  private Moments() {}

  /** Milliseconds since the epoch, as a number or its text, or RFC 3339; null means the default. */
  static long parse(@Nullable Object value, long otherwise, String path) {
    try {
      return switch (value) {
        case null -> otherwise;
        case Number number -> number.longValue();
        case String text when text.matches("-?\\d{1,18}") -> Long.parseLong(text);
        case String text -> OffsetDateTime.parse(text).toInstant().toEpochMilli();
        default -> throw new DateTimeException("not a moment");
      };
    } catch (DateTimeException e) {
      throw ProblemException.invalid(
          "not a moment",
          List.of(
              new Violation(
                  path, "moment", "write milliseconds since the epoch, or RFC 3339 with offset")));
    }
  }
}
