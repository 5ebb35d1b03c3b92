// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.definition.Durations;
import io.millrace.common.definition.ValidationDefinition;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How the events of one kind are cut into spans. */
public sealed interface SpanPlan {
  /** A day of event time, where the application says nothing. */
  EventTime DEFAULT = new EventTime(86_400_000);

  /** The plan of an application. */
  static SpanPlan of(@Nullable ValidationDefinition validation) {
    return validation == null || validation.span() == null ? DEFAULT : parse(validation.span());
  }

  /**
   * Parses {@code 1d}, {@code 2h}, … or {@code 5000 rows}.
   *
   * @throws IllegalArgumentException where the text is neither, or the length is not positive
   */
  static SpanPlan parse(String text) {
    Matcher rows = Rows.PATTERN.matcher(text.trim().toLowerCase(Locale.ROOT));
    if (rows.matches()) {
      return new Rows(Long.parseLong(rows.group(1)));
    }
    return new EventTime(Durations.parse(text).toMillis());
  }

  /**
   * What orders the span of an identifier among the others: its start in milliseconds, or its
   * number.
   *
   * @throws IllegalArgumentException where the text is no identifier of a span of this plan
   */
  long order(String id);

  /**
   * Spans of equal length in event time, aligned to the epoch (UTC days for {@code 1d}).
   *
   * @param lengthMs milliseconds, at least 1
   */
  record EventTime(long lengthMs) implements SpanPlan {
    public EventTime {
      if (lengthMs < 1) {
        throw new IllegalArgumentException("a span must be longer than 0 ms, was " + lengthMs);
      }
    }

    /** Start of the span that holds a moment, inclusive. */
    public long start(long eventTimeMs) {
      return Math.floorDiv(eventTimeMs, lengthMs) * lengthMs;
    }

    /** Identifier of the span that starts at a moment. */
    public String id(long startMs) {
      return Instant.ofEpochMilli(startMs).toString();
    }

    @Override
    public long order(String id) {
      try {
        return Instant.parse(id).toEpochMilli();
      } catch (DateTimeParseException | ArithmeticException e) {
        throw new IllegalArgumentException("'" + id + "' is no start of a span", e);
      }
    }
  }

  /**
   * Spans of a number of rows, in the order of arrival. Rows are counted where the partitions are
   * merged and arrive there in small chunks, so that a span holds at least this many.
   *
   * @param rows at least 1
   */
  record Rows(long rows) implements SpanPlan {
    private static final String PREFIX = "rows-";
    private static final Pattern ID = Pattern.compile(PREFIX + "(\\d{1,18})");
    private static final Pattern PATTERN = Pattern.compile("(\\d{1,12})\\s*rows?");

    public Rows {
      if (rows < 1) {
        throw new IllegalArgumentException("a span must hold at least one row, was " + rows);
      }
    }

    /** Identifier of the n-th span, from 0. */
    public String id(long n) {
      return PREFIX + n;
    }

    @Override
    public long order(String id) {
      Matcher numbered = ID.matcher(id);
      if (!numbered.matches()) {
        throw new IllegalArgumentException("'" + id + "' is no span of a number of rows");
      }
      return Long.parseLong(numbered.group(1));
    }
  }
}
