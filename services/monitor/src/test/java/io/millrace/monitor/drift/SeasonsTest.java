// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DriftDetected.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The rule alone, on windows that are one number: 0 is normal, beyond 1 is far. */
final class SeasonsTest {
  private static final long HOUR_MS = 3_600_000;
  private static final int DAY = 24;

  private static DriftFinding finding(double value, long fromMs, long toMs) {
    return new DriftFinding(
        "subject",
        Kind.DATA,
        "test",
        Math.abs(value),
        1,
        null,
        "value " + value,
        false,
        Math.abs(value) >= 1,
        fromMs,
        toMs,
        1);
  }

  private static Seasons<Double> seasons() {
    return new Seasons<>(
        (reference, before, now) -> (now - before) * now <= 0 || Math.abs(now - before) < 0.5);
  }

  /** What becomes of windows of some length, one behind the other. */
  private static List<DriftFinding> judged(int windows, long lengthMs, IntToDoubleFunction value) {
    Seasons<Double> seasons = seasons();
    List<DriftFinding> judged = new ArrayList<>();
    for (int i = 0; i < windows; i++) {
      double each = value.applyAsDouble(i);
      judged.add(seasons.judge(finding(each, i * lengthMs, (i + 1) * lengthMs - 1), 0.0, each));
    }
    return judged;
  }

  private static List<Integer> drifted(List<DriftFinding> judged) {
    List<Integer> at = new ArrayList<>();
    for (int i = 0; i < judged.size(); i++) {
      if (judged.get(i).drifted()) {
        at.add(i);
      }
    }
    return at;
  }

  @Test
  void judge_threeHoursOfEveryDay_areToldOnTheFirstDayOnly() {
    List<DriftFinding> judged =
        judged(10 * DAY, HOUR_MS, hour -> hour % DAY >= 8 && hour % DAY < 11 ? 2 : 0);
    assertThat(drifted(judged)).containsExactly(8, 9, 10);
    assertThat(judged.get(DAY + 9).effect())
        .isEqualTo("value 2.0, a season: like around 1970-01-01T09:29:59.999Z");
  }

  @Test
  void judge_twoDaysOfEveryWeek_areToldInTheFirstWeekOnly() {
    List<DriftFinding> judged =
        judged(8 * 7 * DAY, HOUR_MS, hour -> hour / DAY % 7 >= 5 ? -1.5 : 0.3);
    assertThat(drifted(judged)).hasSize(2 * DAY).allMatch(hour -> hour < 7 * DAY);
  }

  @Test
  void judge_whatCameAndStayed_isNeverItsOwnPrecedent() {
    List<DriftFinding> judged = judged(20 * DAY, HOUR_MS, hour -> hour < 30 ? 0 : 2);
    assertThat(drifted(judged)).hasSize(20 * DAY - 30);
  }

  /** On a Tuesday, no further out than weekends are. */
  @Test
  void judge_changeThatIsLikeTheWeekend_hidesBehindItForADay() {
    int change = 5 * 7 * DAY + DAY;
    List<DriftFinding> judged =
        judged(change + 3 * DAY, HOUR_MS, hour -> hour >= change || hour / DAY % 7 >= 5 ? 2 : 0);
    assertThat(drifted(judged)).allMatch(hour -> hour < 7 * DAY || hour >= change);
    assertThat(judged.subList(change + DAY, change + 3 * DAY)).allMatch(DriftFinding::drifted);
  }

  @Test
  void judge_changeAtTheEdge_nowFarNowNot_isNoSeason() {
    List<DriftFinding> judged =
        judged(20 * DAY, HOUR_MS, hour -> hour < 30 ? 0 : hour % 5 == 0 ? 0.9 : 1.1);
    assertThat(drifted(judged)).hasSize((20 * DAY - 30) * 4 / 5);
  }

  @Test
  void judge_furtherOutThanTheSeason_isADriftAndLessFarIsNot() {
    IntToDoubleFunction season = hour -> hour % DAY >= 8 && hour % DAY < 11 ? 2 : 0;
    assertThat(
            drifted(
                judged(100, HOUR_MS, hour -> hour == 3 * DAY + 9 ? 3 : season.applyAsDouble(hour))))
        .containsExactly(8, 9, 10, 3 * DAY + 9);
    assertThat(
            drifted(
                judged(
                    100, HOUR_MS, hour -> hour == 3 * DAY + 9 ? 1.2 : season.applyAsDouble(hour))))
        .containsExactly(8, 9, 10);
    assertThat(
            drifted(
                judged(
                    100, HOUR_MS, hour -> hour == 3 * DAY + 9 ? -2 : season.applyAsDouble(hour))))
        .containsExactly(8, 9, 10, 3 * DAY + 9);
    assertThat(
            drifted(
                judged(
                    100, HOUR_MS, hour -> hour == 3 * DAY + 20 ? 2 : season.applyAsDouble(hour))))
        .containsExactly(8, 9, 10, 3 * DAY + 20);
  }

  /** A window every five seconds: 250 of them were twenty minutes. */
  @Test
  void judge_manyShortWindows_rememberWholeDays() {
    int day = DAY * 720;
    List<DriftFinding> judged =
        judged(3 * day, HOUR_MS / 720, i -> i % day >= day / 3 && i % day < day / 2 ? 2 : 0);
    assertThat(drifted(judged)).hasSize(day / 2 - day / 3).allMatch(i -> i < day);
  }

  @Test
  void judge_windowsOfADay_knowTheWeek() {
    assertThat(drifted(judged(21, DAY * HOUR_MS, day -> day % 7 >= 5 ? 2 : 0)))
        .containsExactly(5, 6);
  }
}
