// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.definition.ValidationDefinition.SpanRules;
import io.millrace.common.serde.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A jump by a factor is told where the spread hides it; a rhythm of a day and a week is not. */
final class JumpCheckTest {
  private static final long HOUR_MS = 3_600_000;
  private static final int DAY = 24;
  private static final int WEEK = 7 * DAY;

  private static EventFacts facts(long lengthMs, String asked) {
    return Spans.facts(
        new SpanPlan.EventTime(lengthMs), Json.mapper().readValue(asked, SpanRules.class));
  }

  /** The volume checks, in the order in which a span meets them. */
  private static List<String> judge(EventFacts facts, int span, long rows, EventHistory history) {
    long lengthMs = ((SpanPlan.EventTime) facts.plan()).lengthMs();
    Findings findings = new Findings();
    VolumeCheck.check(rows, span * lengthMs, facts.plan(), history, findings);
    JumpCheck.check(facts, span * lengthMs, rows, history, findings);
    return findings.all().stream().map(each -> each.severity() + " " + each.kind()).toList();
  }

  private static EventHistory history(long lengthMs, int spans, IntToLongFunction rows) {
    EventHistory history = EventHistory.EMPTY;
    for (int span = 0; span < spans; span++) {
      history = with(history, lengthMs, span, rows.applyAsLong(span));
    }
    return history;
  }

  private static EventHistory with(EventHistory history, long lengthMs, int span, long rows) {
    return history.with(
        new EventHistory.GoodSpan("s" + span, span * lengthMs, rows, null, null, Map.of()));
  }

  private static IntToLongFunction noisy(long seed, double spread) {
    Random random = new Random(seed);
    return span -> Math.round(1_000 * Math.exp(spread * random.nextGaussian()));
  }

  @Test
  void check_jumpWithinTheSpread_isAWarningAndAnErrorWhereAskedFor() {
    EventHistory history = history(DAY * HOUR_MS, 30, noisy(1, 0.6));
    long before = history.volumes().getLast().rows();
    double top = Math.max(before, history.volumes().get(history.volumes().size() - 7).rows());
    long jumped = Math.round(4.2 * top);
    EventFacts silent = facts(DAY * HOUR_MS, "{}");
    // Four deviations see nothing of it, which is why there is this check.
    Findings spread = new Findings();
    VolumeCheck.check(jumped, 30L * DAY * HOUR_MS, silent.plan(), history, spread);
    assertThat(spread.all()).isEmpty();
    assertThat(judge(silent, 30, jumped, history))
        .containsExactly("WARNING COMPARATOR_HIGH_NUM_EXAMPLES");
    assertThat(judge(facts(DAY * HOUR_MS, "{\"jump\": 2}"), 30, jumped, history))
        .containsExactly("ERROR COMPARATOR_HIGH_NUM_EXAMPLES");
    assertThat(judge(facts(DAY * HOUR_MS, "{\"jump\": 6}"), 30, jumped, history)).isEmpty();
    double bottom = Math.min(before, history.volumes().get(history.volumes().size() - 7).rows());
    assertThat(judge(silent, 30, Math.round(bottom / 4.2), history))
        .containsExactly("WARNING COMPARATOR_LOW_NUM_EXAMPLES");
  }

  /** Nights of a fiftieth, and a Sunday of a tenth. */
  private static long rhythm(int hour, Random random) {
    double ofDay = hour % DAY >= 7 && hour % DAY < 22 ? 1 : 0.02;
    double ofWeek = hour / DAY % 7 == 6 ? 0.1 : 1;
    return Math.round(30_000 * ofDay * ofWeek * Math.exp(0.2 * random.nextGaussian()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"jump\": 3}"})
  void check_rhythmOfDayAndWeek_isNoJump(String asked) {
    for (int seed = 0; seed < 3; seed++) {
      Random random = new Random(seed);
      EventFacts facts = facts(HOUR_MS, asked);
      EventHistory history = EventHistory.EMPTY;
      List<String> found = new ArrayList<>();
      for (int hour = 0; hour < 3 * WEEK; hour++) {
        long rows = rhythm(hour, random);
        Findings findings = new Findings();
        JumpCheck.check(facts, hour * HOUR_MS, rows, history, findings);
        findings.all().forEach(each -> found.add(each.kind() + each.observed()));
        history = with(history, HOUR_MS, hour, rows);
      }
      assertThat(found).isEmpty();
      // The same hour of the night with ten times its rows is one.
      Findings findings = new Findings();
      int monday = 3 * WEEK;
      JumpCheck.check(facts, monday * HOUR_MS, 6_000, history, findings);
      assertThat(findings.all()).hasSize(1);
    }
  }

  @Test
  void check_honestNoise_isRarelyCalledAJump() {
    EventFacts facts = facts(DAY * HOUR_MS, "{}");
    int told = 0;
    int spans = 0;
    for (int seed = 0; seed < 20; seed++) {
      IntToLongFunction noise = noisy(100 + seed, 0.4);
      EventHistory history = EventHistory.EMPTY;
      for (int day = 0; day < 100; day++, spans++) {
        long rows = noise.applyAsLong(day);
        Findings findings = new Findings();
        JumpCheck.check(facts, day * DAY * HOUR_MS, rows, history, findings);
        told += findings.all().size();
        history = with(history, DAY * HOUR_MS, day, rows);
      }
    }
    System.out.printf("jumps told of honest days that vary by two fifths: %d of %d%n", told, spans);
    assertThat((double) told / spans).isLessThanOrEqualTo(0.002);
  }

  @Test
  void check_beforeAWeekIsKnown_saysNothing() {
    EventHistory history = history(HOUR_MS, WEEK - 1, span -> 100);
    assertThat(judge(facts(HOUR_MS, "{\"jump\": 2}"), WEEK - 1, 250, history)).isEmpty();
    assertThat(
            judge(
                facts(HOUR_MS, "{\"jump\": 2}"), WEEK, 250, with(history, HOUR_MS, WEEK - 1, 100)))
        .containsExactly("ERROR COMPARATOR_HIGH_NUM_EXAMPLES");
  }
}
