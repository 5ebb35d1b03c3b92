// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventTimesTest {
  @ParameterizedTest
  @CsvSource({
    "yyyy-MM-dd HH:mm:ss, Europe/London, 2011-07-01 08:26:00, 2011-07-01T07:26:00Z",
    "yyyy-MM-dd HH:mm:ss, Europe/London, 2010-12-01 08:26:00, 2010-12-01T08:26:00Z",
    "dd/MM/yyyy, Europe/London, 01/07/2011, 2011-06-30T23:00:00Z",
    "d MMM yyyy h:mm a, UTC, 1 Jul 2011 1:05 PM, 2011-07-01T13:05:00Z",
    "iso, Asia/Tokyo, 2011-07-01T08:26:00, 2011-06-30T23:26:00Z",
    "iso, Asia/Tokyo, 2011-07-01 08:26:00.250, 2011-06-30T23:26:00.250Z",
    "iso, Asia/Tokyo, 2011-07-01T08:26:00+02:00, 2011-07-01T06:26:00Z",
    "iso, Asia/Tokyo, 2011-07-01T08:26:00Z, 2011-07-01T08:26:00Z",
    "iso, Asia/Tokyo, 2011-07-01, 2011-06-30T15:00:00Z",
    "epoch_s, UTC, 1400269500, 2014-05-16T19:45:00Z",
    "epoch_s, UTC, 1400269500.5, 2014-05-16T19:45:00.500Z",
    "epoch_ms, UTC, 1400269500123, 2014-05-16T19:45:00.123Z",
    // Skipped by daylight saving: an hour later. Repeated by it: the earlier one.
    "iso, Europe/London, 2011-03-27T01:30:00, 2011-03-27T01:30:00Z",
    "iso, Europe/London, 2011-10-30T01:30:00, 2011-10-30T00:30:00Z",
  })
  void of_text_isTheInstant(String format, String zone, String text, Instant expected) {
    EventTimes times = new EventTimes(new TimeDefinition("t", format, zone, null));

    assertThat(Instant.ofEpochMilli(times.of(text))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "yyyy-MM-dd HH:mm:ss, 2011-02-30 08:26:00",
    "yyyy-MM-dd HH:mm:ss, 2011-02-03T08:26:00",
    "iso, 2025-01-10T15:0:00Z",
    "iso, 2025-13-10T15:00:00Z",
    "iso, yesterday",
    "iso, 1400269500",
    "epoch_s, 2011-02-03",
    "epoch_s, 1e300",
    "epoch_s, 99999999999999999",
    "epoch_ms, -99999999999999999",
  })
  void of_anythingElse_isRefusedWithoutQuotingIt(String format, String text) {
    EventTimes times = new EventTimes(new TimeDefinition("t", format, null, null));

    assertThatThrownBy(() -> times.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(text);
  }

  @Test
  void of_numbers_areEpochs() {
    EventTimes seconds = new EventTimes(new TimeDefinition("t", "epoch_s", null, null));

    assertThat(seconds.of(1_400_269_500L)).isEqualTo(1_400_269_500_000L);
    assertThat(seconds.of(1_400_269_500.25)).isEqualTo(1_400_269_500_250L);
    assertThatThrownBy(() -> seconds.of(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ofSequence_row_isStartPlusSteps() {
    TimeDefinition.Sequence halfHours = new TimeDefinition.Sequence("1996-05-07T00:00", "30m");
    EventTimes times =
        new EventTimes(new TimeDefinition(null, null, "Australia/Brisbane", halfHours));

    assertThat(Instant.ofEpochMilli(times.ofSequence(0))).isEqualTo("1996-05-06T14:00:00Z");
    assertThat(Instant.ofEpochMilli(times.ofSequence(49))).isEqualTo("1996-05-07T14:30:00Z");
  }
}
