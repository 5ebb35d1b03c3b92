// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.definition.EventSchema;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that come as many as ever, and later. */
final class DelayCheckTest {
  private static final long HOUR_MS = 3_600_000;
  private static final SpanPlan HOURS = new SpanPlan.EventTime(HOUR_MS);
  private static final RowRules NO_RULES = RowRules.of(null, new EventSchema(Map.of(), true));

  /**
   * A queue whose delay varies by a factor from span to span, with a row in a hundred very late.
   */
  private static SpanStatistics span(SplittableRandom random, LongUnaryOperator delayed) {
    double level = 2_000 * Math.exp(0.4 * random.nextGaussian());
    SpanStatistics statistics = new SpanStatistics();
    for (int i = 0; i < 200; i++) {
      long delayMs =
          random.nextInt(100) == 0
              ? 6 * HOUR_MS
              : Math.round(level * Math.exp(0.5 * random.nextGaussian()));
      statistics.add(i, 0, Map.of("n", 1L), NO_RULES, null);
      statistics.delayed(delayed.applyAsLong(delayMs));
    }
    return SpanStatistics.fromBytes(statistics.toBytes());
  }

  private static Findings findings(SpanStatistics statistics, EventHistory history) {
    Findings findings = new Findings();
    DelayCheck.check(HOURS, statistics, history, findings);
    return findings;
  }

  private static EventHistory with(EventHistory history, int span, SpanStatistics statistics) {
    return history.with(
        new EventHistory.GoodSpan(
            "s" + span, span * HOUR_MS, statistics.rows(), null, statistics.delayMs(), Map.of()));
  }

  private static EventHistory history(SplittableRandom random, int spans) {
    EventHistory history = EventHistory.EMPTY;
    for (int span = 0; span < spans; span++) {
      history = with(history, span, span(random, each -> each));
    }
    return history;
  }

  @Test
  void check_honestDelays_areNeverTold() {
    int told = 0;
    for (int seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      EventHistory history = EventHistory.EMPTY;
      for (int span = 0; span < 100; span++) {
        SpanStatistics next = span(random, each -> each);
        told += findings(next, history).all().size();
        history = with(history, span, next);
      }
    }
    assertThat(told).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 120})
  void check_feedIsDelayed_isToldWithItsTimes(int minutes) {
    for (int seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      EventHistory history = history(random, 30);
      SpanStatistics late = span(random, each -> each + minutes * 60_000L);
      assertThat(findings(late, history).all())
          .singleElement()
          .satisfies(
              each -> {
                assertThat(each.kind()).isEqualTo("ROWS_DELAYED");
                assertThat(each.severity()).isEqualTo("WARNING");
                assertThat(Duration.parse(each.observed().split(" ")[3]))
                    .isBetween(Duration.ofMinutes(minutes), Duration.ofMinutes(minutes * 6L / 5));
                assertThat(each.expected()).contains("30 good spans");
              });
    }
  }

  /** Clocks that differ make delays below 0, and what is known at once has no multiple. */
  @Test
  void check_nothingWasEverDelayed_tellsTheFirstDelayThatMatters() {
    SplittableRandom random = new SplittableRandom(1);
    EventHistory history = EventHistory.EMPTY;
    for (int span = 0; span < 20; span++) {
      history = with(history, span, span(random, each -> -5));
    }
    assertThat(findings(span(random, each -> 30_000), history).all()).isEmpty();
    assertThat(findings(span(random, each -> 600_000), history).all()).hasSize(1);
  }

  @Test
  void check_tooFewSpansOrRows_saysNothing() {
    SplittableRandom random = new SplittableRandom(2);
    SpanStatistics late = span(random, each -> each + 5 * HOUR_MS);
    assertThat(findings(late, history(random, DelayCheck.LEAST_SPANS - 1)).all()).isEmpty();
    SpanStatistics few = new SpanStatistics();
    few.add(0, 0, Map.of("n", 1L), NO_RULES, null);
    few.delayed(5 * HOUR_MS);
    assertThat(findings(few, history(random, 30)).all()).isEmpty();
    assertThat(findings(new SpanStatistics(), history(random, 30)).all()).isEmpty();
  }
}
