// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Silence is told by the rhythm of a source, and a quiet that belongs to it is not. */
final class PulseTest {
  private static final long SLOT = Pulse.SLOT_MS;
  private static final long HOUR = 6 * SLOT;
  private static final long DAY = 24 * HOUR;
  private static final long WEEK = 7 * DAY;

  /** First moment of each silence while a source sends in the slots that it says. */
  private static List<Long> silences(Pulse pulse, long fromMs, long toMs, LongPredicate sends) {
    List<Long> told = new ArrayList<>();
    boolean silent = false;
    for (long now = fromMs; now < toMs; now += SLOT) {
      pulse.look(now);
      boolean before = silent;
      silent = pulse.silence().isPresent();
      if (silent && !before) {
        told.add(now);
      }
      if (sends.test(now)) {
        pulse.beat(now + SLOT / 2);
      }
    }
    return told;
  }

  private static OptionalLong missedAfterMs(long diesMs, LongPredicate sends) {
    return silences(new Pulse(), 0, diesMs + WEEK, ms -> ms < diesMs && sends.test(ms)).stream()
        .mapToLong(told -> told - diesMs)
        .findFirst();
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "2, 1.5", "3, 1.2"})
  void silence_sourceThatNeverRests_isMissedSoonOnceAWeekIsKnown(int weeks, double hours) {
    long dies = weeks * WEEK + DAY + 3 * HOUR;
    assertThat(missedAfterMs(dies, ms -> true).orElseThrow())
        .isLessThanOrEqualTo((long) (hours * HOUR));
  }

  @Test
  void silence_beforeAWeekIsKnown_isNotTold() {
    assertThat(silences(new Pulse(), 0, 3 * DAY, ms -> ms < DAY)).isEmpty();
  }

  /** Open from 8 to 20 o'clock but on the seventh day. */
  private static boolean open(long ms) {
    return ms / HOUR % 24 >= 8 && ms / HOUR % 24 < 20 && ms / DAY % 7 != 6;
  }

  @Test
  void silence_nightsAndClosedDays_areNoSilence() {
    assertThat(silences(new Pulse(), 0, 12 * WEEK, PulseTest::open)).isEmpty();
    // It dies in the evening: that is known by noon of the next day, and on Monday after Sunday.
    long friday = 4 * WEEK + 4 * DAY + 20 * HOUR;
    assertThat(missedAfterMs(friday, PulseTest::open).orElseThrow())
        .isBetween(12 * HOUR, 16 * HOUR);
    long saturday = 4 * WEEK + 5 * DAY + 20 * HOUR;
    assertThat(missedAfterMs(saturday, PulseTest::open).orElseThrow())
        .isBetween(36 * HOUR, 40 * HOUR);
  }

  @Test
  void silence_clocksThatAreChanged_areNoSilence() {
    // From the fifth week on the shop opens and closes an hour earlier, later one later again.
    assertThat(
            silences(
                new Pulse(),
                0,
                12 * WEEK,
                ms -> open(ms >= 5 * WEEK && ms < 9 * WEEK ? ms + HOUR : ms)))
        .isEmpty();
  }

  @Test
  void silence_honestSourcesOfManyRates_areRarelyCalledSilent() {
    int told = 0;
    int weeks = 0;
    for (double busyShare : new double[] {0.001, 0.01, 0.1, 0.3, 0.6, 0.9, 0.99}) {
      for (int seed = 0; seed < 5; seed++) {
        Random random = new Random(seed);
        told += silences(new Pulse(), 0, 20 * WEEK, ms -> random.nextDouble() < busyShare).size();
        weeks += 20;
      }
    }
    System.out.printf("silences told of living sources: %d in %d weeks%n", told, weeks);
    assertThat(told).isLessThanOrEqualTo(weeks / 50);
  }

  @Test
  void look_timeInWhichNobodyLooked_isNoQuiet() {
    Pulse pulse = new Pulse();
    assertThat(silences(pulse, 0, 2 * WEEK, ms -> true)).isEmpty();
    // The process was away for a day; the source sends as soon as it is back.
    Pulse restored = Pulse.fromBytes(pulse.toBytes());
    assertThat(silences(restored, 2 * WEEK + DAY, 2 * WEEK + 2 * DAY, ms -> true)).isEmpty();
    assertThat(silences(restored, 2 * WEEK + 2 * DAY, 2 * WEEK + 2 * DAY + 3 * HOUR, ms -> false))
        .hasSize(1);
  }

  @Test
  void toBytes_state_isRestoredAndSmall() {
    Pulse pulse = new Pulse();
    Random random = new Random(1);
    silences(pulse, 0, 5 * WEEK, ms -> random.nextInt(3) > 0);
    assertThat(pulse.toBytes()).hasSizeLessThanOrEqualTo(1_100);
    assertThat(Pulse.fromBytes(pulse.toBytes()).toBytes()).isEqualTo(pulse.toBytes());
  }
}
