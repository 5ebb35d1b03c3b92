// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.common.contract.Interval;
import io.millrace.common.definition.ValidationDefinition.SpanRules;
import io.millrace.common.serde.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** Nights, closed days and thin streams are empty by habit; an outage is not. */
final class EmptyCheckTest {
  private static final long HOUR_MS = 3_600_000;
  private static final long DAY_MS = 24 * HOUR_MS;
  private static final SpanPlan.EventTime HOURS = new SpanPlan.EventTime(HOUR_MS);
  private static final SpanPlan.EventTime DAYS = new SpanPlan.EventTime(DAY_MS);

  /** A stretch without rows and what was said of it. */
  private record Gap(long fromMs, long toMs, List<String> findings) {}

  /** Spans from 0 on with so many rows each, as a function of their start. */
  private static final class Run {
    private final EventFacts facts;
    private final SpanPlan.EventTime plan;
    private final List<Gap> gaps = new ArrayList<>();
    private EventLedger ledger = EventLedger.EMPTY;
    private long emptyFromMs = -1;

    Run(SpanPlan.EventTime plan, SpanRules asked) {
      this.facts = Spans.facts(plan, asked);
      this.plan = plan;
    }

    void span(long startMs, long rows) {
      if (rows == 0) {
        emptyFromMs = emptyFromMs < 0 ? startMs : emptyFromMs;
        return;
      }
      if (emptyFromMs >= 0) {
        EventLedger.Step step = ledger.judgeEmpty(facts, plan, new Interval(emptyFromMs, startMs));
        ledger = step.after();
        gaps.add(
            new Gap(
                emptyFromMs,
                startMs,
                step.judgement().anomalies().stream()
                    .map(each -> each.severity() + " " + each.kind())
                    .toList()));
        emptyFromMs = -1;
      }
      EventHistory.GoodSpan good =
          new EventHistory.GoodSpan("s" + startMs, startMs, rows, startMs, null, Map.of());
      ledger = new EventLedger(null, ledger.history().with(good), null);
    }

    static Run of(SpanPlan.EventTime plan, long untilMs, LongUnaryOperator rows) {
      Run run = new Run(plan, SpanRules.NONE);
      for (long at = 0; at < untilMs; at += plan.lengthMs()) {
        run.span(at, rows.applyAsLong(at));
      }
      return run;
    }
  }

  private static long hour(long ms) {
    return ms / HOUR_MS % 24;
  }

  private static long day(long ms) {
    return ms / DAY_MS % 7;
  }

  /** Open from 8 to 20 o'clock on six days. */
  private static long shop(long ms, Random random) {
    return hour(ms) < 8 || hour(ms) >= 20 || day(ms) == 6 ? 0 : 200 + random.nextInt(50);
  }

  @Test
  void check_nightsAndAClosedDay_areSilentFromTheirThirdTimeOn() {
    Random random = new Random(1);
    Run run = Run.of(HOURS, 10 * 7 * DAY_MS, ms -> shop(ms, random));
    assertThat(run.gaps).hasSize(10 * 6);
    List<Gap> told = run.gaps.stream().filter(each -> !each.findings().isEmpty()).toList();
    // Two nights, and the closed days of two weeks.
    assertThat(told)
        .allSatisfy(each -> assertThat(each.findings()).containsExactly("WARNING NO_DATA_IN_SPAN"));
    assertThat(told).extracting(each -> each.toMs() / DAY_MS).containsExactly(0L, 1L, 2L, 7L, 14L);
  }

  @Test
  void check_outageOfABusyHour_isAnErrorOnEveryDayAfterTheFirstWeek() {
    for (int outage = 8; outage < 30; outage++) {
      if (outage % 7 == 6) {
        continue;
      }
      long from = outage * DAY_MS + 11 * HOUR_MS;
      Random random = new Random(outage);
      Run run =
          Run.of(
              HOURS,
              (outage + 1) * DAY_MS,
              ms -> ms >= from && ms < from + 2 * HOUR_MS ? 0 : shop(ms, random));
      assertThat(run.gaps.getLast())
          .isEqualTo(new Gap(from, from + 2 * HOUR_MS, List.of("ERROR NO_DATA_IN_SPAN")));
    }
  }

  @Test
  void check_outageThroughANight_isToldAsOneStretch() {
    Random random = new Random(3);
    long from = 22 * DAY_MS + 15 * HOUR_MS;
    long to = 24 * DAY_MS + 12 * HOUR_MS;
    Run run = Run.of(HOURS, 25 * DAY_MS, ms -> ms >= from && ms < to ? 0 : shop(ms, random));
    assertThat(run.gaps).contains(new Gap(from, to, List.of("ERROR NO_DATA_IN_SPAN")));
  }

  @Test
  void check_thinStream_isNotToldForEverAgain() {
    Random random = new Random(4);
    // Two rows an hour on average: one hour in seven is empty.
    Run run = Run.of(HOURS, 40 * DAY_MS, ms -> poisson(2, random));
    assertThat(run.gaps).hasSizeGreaterThan(80);
    assertThat(run.gaps.stream().filter(each -> !each.findings().isEmpty()))
        .hasSizeLessThanOrEqualTo(EmptyCheck.CHANCES + 1);
    // That it rests by chance does not excuse a day.
    long end = 40 * DAY_MS;
    run.span(end, 5);
    run.span(end + HOUR_MS, 0);
    run.span(end + 25 * HOUR_MS, 5);
    assertThat(run.gaps.getLast().findings()).containsExactly("WARNING NO_DATA_IN_SPAN");
  }

  private static long poisson(double mean, Random random) {
    long count = 0;
    for (double left = -Math.log(1 - random.nextDouble()); left < mean; count++) {
      left -= Math.log(1 - random.nextDouble());
    }
    return count;
  }

  @Test
  void check_jumpOfAClock_teachesNoHabitAndCostsLittle() {
    Random random = new Random(5);
    long jump = 3650 * DAY_MS;
    Run run = new Run(HOURS, SpanRules.NONE);
    run.span(0, 1);
    run.span(HOUR_MS, 0);
    for (long at = jump; at < jump + 15 * DAY_MS; at += HOUR_MS) {
      run.span(at, at == jump + 14 * DAY_MS ? 0 : 300 + random.nextInt(50));
    }
    assertThat(run.gaps).hasSize(2);
    assertThat(run.gaps.getFirst().findings()).containsExactly("WARNING NO_DATA_IN_SPAN");
    assertThat(run.gaps.getLast().findings()).containsExactly("ERROR NO_DATA_IN_SPAN");
  }

  @Test
  void check_rowsAskedFor_makeEveryUnusualEmptinessAnError() {
    SpanRules asked = Json.mapper().readValue("{\"minRows\": 10}", SpanRules.class);
    Run run = new Run(DAYS, asked);
    run.span(0, 100);
    run.span(DAY_MS, 0);
    run.span(2 * DAY_MS, 100);
    assertThat(run.gaps.getFirst().findings())
        .containsExactly("WARNING NO_DATA_IN_SPAN", "ERROR DATASET_LOW_NUM_EXAMPLES");
  }

  /** The shop of the retail file has no Saturday at all, and some holidays. */
  @Test
  void check_realShop_isNotAlarmedBySaturdays() {
    Optional<Path> file = RetailRows.file();
    assumeTrue(file.isPresent(), "skipped: no folder shared/data beside the repository");
    Map<Long, Long> rows = new TreeMap<>();
    RetailRows.read(file.get())
        .forEach(each -> rows.merge(DAYS.start(each.timeMs()), 1L, Long::sum));
    Run run = new Run(DAYS, SpanRules.NONE);
    long first = rows.keySet().iterator().next();
    long last = rows.keySet().stream().mapToLong(Long::longValue).max().orElseThrow();
    for (long at = first; at <= last; at += DAY_MS) {
      run.span(at, rows.getOrDefault(at, 0L));
    }
    long empty = run.gaps.stream().mapToLong(each -> (each.toMs() - each.fromMs()) / DAY_MS).sum();
    assertThat(empty).isEqualTo(374 - 305);
    List<Gap> told = run.gaps.stream().filter(each -> !each.findings().isEmpty()).toList();
    told.forEach(
        each ->
            System.out.printf(
                "%s, %s: %s%n",
                DAYS.id(each.fromMs()),
                Duration.ofMillis(each.toMs() - each.fromMs()),
                each.findings()));
    assertThat(told.stream().filter(each -> each.findings().contains("WARNING NO_DATA_IN_SPAN")))
        .as("the first two Saturdays")
        .hasSize(2);
    // Christmas to New Year, Easter, and the bank holidays of May and August.
    assertThat(told.stream().filter(each -> each.findings().contains("ERROR NO_DATA_IN_SPAN")))
        .hasSizeLessThanOrEqualTo(6);
  }
}
