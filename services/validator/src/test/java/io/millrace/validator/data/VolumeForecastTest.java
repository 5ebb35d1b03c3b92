// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.definition.ValidationDefinition.SpanRules;
import io.millrace.features.definition.EventSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Volumes with a weekly cycle over many seeds: what is usual is silent, what is missing is not. */
final class VolumeForecastTest {
  private static final long DAY_MS = 86_400_000;
  private static final int WEEKS = 12;
  private static final double[] WEEK = {1, 1.1, 1.05, 1.1, 1.4, 0.5, 0.3};

  private static EventFacts facts(SpanRules asked) {
    return Spans.facts(new SpanPlan.EventTime(DAY_MS), asked);
  }

  private static SpanRules season(Double deviations) {
    return new SpanRules(null, null, null, null, null, deviations, 7, null, null, null);
  }

  private static long usual(int day, Random random) {
    double mean = 400 * WEEK[day % 7] * (1 + 0.002 * day);
    return Math.round(mean + 0.05 * mean * random.nextGaussian());
  }

  /** One row a slot of the day, as many as asked for. */
  private static SpanStatistics span(int day, long rows, double shareOfDay) {
    SpanStatistics statistics = new SpanStatistics();
    RowRules none = RowRules.of(null, new EventSchema(Map.of(), true));
    for (long i = 0; i < rows; i++) {
      long atMs = day * DAY_MS + (long) (DAY_MS * shareOfDay * i / rows);
      statistics.add(atMs, 0, Map.of("x", i % 10), none, null);
    }
    return statistics;
  }

  private static List<String> judge(
      EventFacts facts, int day, SpanStatistics statistics, EventHistory history) {
    Findings findings = new Findings();
    VolumeForecast.check(facts, day * DAY_MS, statistics, history, findings);
    return findings.all().stream().map(each -> each.severity() + " " + each.kind()).toList();
  }

  private record Run(EventHistory history, List<String> findings) {}

  private static Run run(EventFacts facts, int seed) {
    Random random = new Random(seed);
    EventHistory history = EventHistory.EMPTY;
    List<String> findings = new ArrayList<>();
    for (int day = 0; day < 7 * WEEKS; day++) {
      SpanStatistics statistics = span(day, usual(day, random), 1);
      findings.addAll(judge(facts, day, statistics, history));
      history =
          history.with(
              new EventHistory.GoodSpan(
                  "d" + day, day * DAY_MS, statistics.rows(), statistics.maxMs(), null, Map.of()));
    }
    return new Run(history, findings);
  }

  @Test
  void check_weeklyCycle_raisesNothingByDefaultAndRarelyWhereAskedFor() {
    int asked = 0;
    int spans = 0;
    for (int seed = 0; seed < 20; seed++) {
      assertThat(run(facts(SpanRules.NONE), seed).findings()).isEmpty();
      asked += run(facts(season(null)), seed).findings().size();
      spans += 7 * WEEKS;
    }
    System.out.printf("volumes asked for at 3 deviations: %d of %d honest spans%n", asked, spans);
    assertThat((double) asked / spans).isLessThanOrEqualTo(0.01);
  }

  @ParameterizedTest
  @CsvSource({"0.5, WARNING, ERROR", "1.8, WARNING, ERROR"})
  void check_halfADayMissingOrNearlyTwice_isToldOnEveryDayOfTheWeek(
      double factor, String byDefault, String whereAskedFor) {
    String kind = factor < 1 ? " DATASET_LOW_NUM_EXAMPLES" : " DATASET_HIGH_NUM_EXAMPLES";
    for (int seed = 0; seed < 3; seed++) {
      Run known = run(facts(SpanRules.NONE), seed);
      EventHistory history = known.history();
      for (int day = 7 * WEEKS; day < 7 * WEEKS + 7; day++) {
        long rows = Math.round(usual(day, new Random(day)) * factor);
        assertThat(judge(facts(SpanRules.NONE), day, span(day, rows, 1), history))
            .containsExactly(byDefault + kind);
        assertThat(judge(facts(season(null)), day, span(day, rows, 1), history))
            .containsExactly(whereAskedFor + kind);
        history =
            history.with(
                new EventHistory.GoodSpan(
                    "d" + day, day * DAY_MS, usual(day, new Random(day)), null, null, Map.of()));
      }
    }
  }

  @Test
  void check_meanAndDeviationsAskedFor_knowNoSeason() {
    SpanRules mean = new SpanRules(null, null, null, null, null, 3.0, null, null, null, null);
    EventHistory history = EventHistory.EMPTY;
    Random random = new Random(1);
    for (int day = 0; day < 30; day++) {
      long rows = 400 + Math.round(20 * random.nextGaussian());
      history =
          history.with(
              new EventHistory.GoodSpan("d" + day, day * DAY_MS, rows, null, null, Map.of()));
    }
    assertThat(judge(facts(mean), 30, span(30, 405, 1), history)).isEmpty();
    assertThat(judge(facts(mean), 30, span(30, 300, 1), history))
        .containsExactly("ERROR DATASET_LOW_NUM_EXAMPLES");
    // The same Sunday that the season explains is an outlier of the mean: why there is a season.
    EventHistory weekly = run(facts(SpanRules.NONE), 1).history();
    assertThat(judge(facts(season(null)), 84, span(84, 400, 1), weekly)).isEmpty();
  }

  @Test
  void check_sourceFallsSilent_isToldAgainstHowSpansEnded() {
    EventHistory history = run(facts(SpanRules.NONE), 2).history();
    int day = 7 * WEEKS;
    long rows = usual(day, new Random(2));
    assertThat(judge(facts(SpanRules.NONE), day, span(day, rows, 1), history)).isEmpty();
    assertThat(judge(facts(SpanRules.NONE), day, span(day, rows, 0.5), history))
        .containsExactly("WARNING STALE_SPAN");
  }
}
