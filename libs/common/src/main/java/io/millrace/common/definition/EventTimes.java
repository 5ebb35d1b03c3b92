// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Event timestamps of one kind of event, from what arrived to milliseconds since the epoch. Strict:
 * 2011-02-30 is refused, not moved. A local time that daylight saving skips is read with the offset
 * before the gap, one that it repeats as the earlier of the two. Immutable and thread-safe.
 */
public final class EventTimes {
  private static final Pattern PLAIN_NUMBER = Pattern.compile("-?\\d{1,18}(\\.\\d{1,12})?");
  private static final DateTimeFormatter ISO =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .optionalStart()
          .appendPattern("['T'][' ']")
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .optionalStart()
          .appendOffset("+HH:MM", "Z")
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HHMM", "Z")
          .optionalEnd()
          .optionalEnd()
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  private static final long MIN_MS = Instant.parse("0001-01-01T00:00:00Z").toEpochMilli();
  private static final long MAX_MS = Instant.parse("9999-12-31T00:00:00Z").toEpochMilli();

  private final TimeDefinition definition;
  private final ZoneId zone;
  private final String format;
  private final @Nullable DateTimeFormatter formatter;

  /**
   * @throws IllegalArgumentException where the definition's format, zone or sequence is invalid
   */
  public EventTimes(TimeDefinition definition) {
    this.definition = definition;
    this.format = definition.format() == null ? "iso" : definition.format();
    try {
      this.zone = definition.zone() == null ? ZoneOffset.UTC : ZoneId.of(definition.zone());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("'" + definition.zone() + "' is not a time zone", e);
    }
    this.formatter =
        switch (format) {
          case "epoch_s", "epoch_ms" -> null;
          case "iso" -> ISO;
          default -> formatter(format);
        };
  }

  /**
   * Checks a {@link TimeDefinition#format}.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static void checkFormat(String format) {
    if (!format.equals("iso") && !format.equals("epoch_s") && !format.equals("epoch_ms")) {
      formatter(format);
    }
  }

  /** Event time of row {@code n} of a sequence, counted from 0. */
  public long ofSequence(long n) {
    TimeDefinition.Sequence sequence = definition.sequence();
    if (sequence == null) {
      throw new IllegalStateException("the event's time is a field, not a sequence");
    }
    Duration step = Durations.parse(sequence.step());
    return LocalDateTime.parse(sequence.start()).atZone(zone).toInstant().toEpochMilli()
        + Math.multiplyExact(n, step.toMillis());
  }

  /**
   * Event time of a field value.
   *
   * @param value String, Long or Double
   * @throws IllegalArgumentException naming the expected form (not the value: it may be personal)
   */
  public long of(Object value) {
    try {
      return formatter == null ? ofEpoch(value) : ofText(formatter, value);
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("is not a timestamp of the form " + expected(), e);
    }
  }

  /** The form for people. */
  public String expected() {
    return switch (format) {
      case "epoch_s" -> "epoch_s (seconds since 1970)";
      case "epoch_ms" -> "epoch_ms (milliseconds since 1970)";
      case "iso" -> "iso (2025-01-10T15:00:00Z)";
      default -> "'" + format + "'";
    };
  }

  private long ofEpoch(Object value) {
    long unitMs = format.equals("epoch_s") ? 1000 : 1;
    switch (value) {
      case Long number -> {
        return checked(Math.multiplyExact(number, unitMs));
      }
      case Double number when Double.isFinite(number) -> {
        return checked(Math.round(number * unitMs));
      }
      case String text when PLAIN_NUMBER.matcher(text.trim()).matches() -> {
        String trimmed = text.trim();
        return trimmed.indexOf('.') < 0
            ? ofEpoch(Long.parseLong(trimmed))
            : ofEpoch(Double.parseDouble(trimmed));
      }
      default -> throw new NumberFormatException("not a number");
    }
  }

  private static long checked(long epochMs) {
    if (epochMs < MIN_MS || epochMs > MAX_MS) {
      throw new DateTimeException("outside the years 1 to 9999");
    }
    return epochMs;
  }

  private long ofText(DateTimeFormatter pattern, Object value) {
    return checked(instant(pattern, zone, value.toString().trim()).toEpochMilli());
  }

  private static Instant instant(DateTimeFormatter pattern, ZoneId zone, String text) {
    TemporalAccessor parsed =
        pattern.parseBest(text, Instant::from, LocalDateTime::from, LocalDate::from);
    return switch (parsed) {
      case Instant each -> each;
      case LocalDateTime each -> each.atZone(zone).toInstant();
      default -> LocalDate.from(parsed).atStartOfDay(zone).toInstant();
    };
  }

  private static DateTimeFormatter formatter(String pattern) {
    DateTimeFormatter formatter;
    try {
      formatter =
          DateTimeFormatter.ofPattern(properlyYears(pattern), Locale.ENGLISH)
              .withResolverStyle(ResolverStyle.STRICT);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'"
              + pattern
              + "' is neither iso, epoch_s, epoch_ms nor a date-time pattern: "
              + e.getMessage(),
          e);
    }
    // A pattern is of use if the day comes back from what it writes.
    try {
      OffsetDateTime sample = OffsetDateTime.of(2011, 12, 31, 23, 58, 59, 0, ZoneOffset.UTC);
      Instant back = instant(formatter, ZoneOffset.UTC, formatter.format(sample));
      if (Duration.between(back, sample.toInstant()).abs().compareTo(Duration.ofDays(1)) > 0) {
        throw new DateTimeException("another day comes back");
      }
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("'" + pattern + "' does not name a whole date", e);
    }
    return formatter;
  }

  /** Strict resolving needs the year u where people write y (year of an era that nobody gives). */
  private static String properlyYears(String pattern) {
    if (pattern.indexOf('G') >= 0) {
      return pattern;
    }
    StringBuilder out = new StringBuilder(pattern.length());
    boolean quoted = false;
    for (char c : pattern.toCharArray()) {
      quoted ^= c == '\'';
      out.append(c == 'y' && !quoted ? 'u' : c);
    }
    return out.toString();
  }
}
