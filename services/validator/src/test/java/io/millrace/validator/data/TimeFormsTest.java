// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ColumnRules.TimeFormat;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The formats of time, held against the parsers of {@code java.time}. */
final class TimeFormsTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "2026-03-01, DATE",
        "2024-02-29, DATE",
        "2026-02-29, none",
        "1900-02-29, none",
        "2026-04-31, none",
        "2026-13-01, none",
        "2026-3-1, none",
        "2026-03-01T07:00, DATE_TIME",
        "2026-03-01 07:00:59.123456, DATE_TIME",
        "2026-03-01T24:00, none",
        "2026-03-01T07:00:00., none",
        "2026-03-01T07:00:00Z, INSTANT",
        "2026-03-01T07:00:00.5+01:00, INSTANT",
        "2026-03-01T07:00-0330, INSTANT",
        "2026-03-01T07:00-03, INSTANT",
        "2026-03-01T07:00:00+19:00, none",
        "2026-03-01T07:00:00Zulu, none",
        "2026-03-01T, none",
        "07:00, TIME_OF_DAY",
        "23:59:60, TIME_OF_DAY",
        "7:00, none",
        "07:60, none",
        "sku-17, none",
        "20260301, none",
        "2026, none"
      })
  void of_text_isTheFormatThatItIsIn(String text, @Nullable TimeFormat format) {
    assertThat(TimeForms.of(text)).isEqualTo(format);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "0, none",
        "99999999, none",
        "100000000, UNIX_SECONDS",
        "1772323200, UNIX_SECONDS",
        "1772323200000, UNIX_MILLIS",
        "10000000000, none",
        "-1772323200, none",
        "9223372036854775807, none"
      })
  void of_number_isTheFormatOfItsSize(long number, @Nullable TimeFormat format) {
    assertThat(TimeForms.of(number)).isEqualTo(format);
  }

  /** Text that is nearly one of the formats: digits changed at random. */
  @Test
  void of_textsNearlyInAFormat_agreeWithTheParsersOfTheJdk() {
    String[] models = {
      "2026-03-01",
      "2026-03-01T07:00",
      "2026-03-01T07:00:00Z",
      "2026-12-31T07:00:00.25+01:00",
      "07:59:59"
    };
    Random random = new Random(1);
    int known = 0;
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder(models[random.nextInt(models.length)]);
      for (int change = random.nextInt(3); change >= 0; change--) {
        text.setCharAt(
            random.nextInt(text.length()), "0123456789-:TZ+. ".charAt(random.nextInt(17)));
      }
      if (text.indexOf(":60") >= 0 || NO_FRACTION.matcher(text).find()) {
        continue; // The JDK knows no leap second, and takes a point without digits behind it.
      }
      TimeFormat found = TimeForms.of(text.toString());
      known += found == null ? 0 : 1;
      assertThat(found).as("%s", text).isEqualTo(parsed(text.toString()));
    }
    assertThat(known).isGreaterThan(20_000);
  }

  /** ISO 8601 writes an offset with a colon or without. */
  private static final DateTimeFormatter WITHOUT_COLON =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .appendOffset("+HHmm", "Z")
          .toFormatter(Locale.ROOT);

  private static final Pattern NO_FRACTION = Pattern.compile("\\.(?!\\d)");

  private interface Parser {
    Object parse(String text);
  }

  private static @Nullable TimeFormat parsed(String text) {
    // The JDK's parsers take no space between day and time.
    if (text.length() > 10 && text.charAt(10) == ' ' && text.charAt(4) == '-') {
      return parsed(text.substring(0, 10) + "T" + text.substring(11));
    }
    if (fits(LocalDate::parse, text) && text.length() == 10) {
      return TimeFormat.DATE;
    }
    if (fits(LocalDateTime::parse, text)) {
      return TimeFormat.DATE_TIME;
    }
    if (fits(OffsetDateTime::parse, text)
        || fits(each -> OffsetDateTime.parse(each, WITHOUT_COLON), text)) {
      return TimeFormat.INSTANT;
    }
    return fits(LocalTime::parse, text) ? TimeFormat.TIME_OF_DAY : null;
  }

  private static boolean fits(Parser parser, String text) {
    try {
      parser.parse(text);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }
}
