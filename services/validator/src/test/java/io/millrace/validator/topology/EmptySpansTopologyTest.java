// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.common.contract.DataVerdict.Status;
import io.millrace.validator.data.EventFacts;
import io.millrace.validator.data.SpanPlan;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Spans without rows get their verdicts through the topology, each once. */
final class EmptySpansTopologyTest {
  private static final String APP = "shop";
  private static final long HOUR_MS = ShopSpans.HOUR_MS;
  private static final long START = Instant.parse("2026-03-01T00:00:00Z").toEpochMilli();
  private static final int WEEK = 7 * 24;

  private ShopSpans shop = new ShopSpans(Shop.definition(APP, "1h"), START);

  @AfterEach
  void close() {
    shop.close();
  }

  private void hours(int from, int to, int rows) {
    for (int hour = from; hour < to; hour++) {
      shop.send(shop.hour(hour, rows));
    }
  }

  private static List<String> kinds(DataVerdict verdict) {
    return verdict.anomalies().stream().map(Anomaly::kind).toList();
  }

  private static long hoursOf(DataVerdict verdict) {
    return (verdict.endMs() - verdict.startMs()) / HOUR_MS;
  }

  @Test
  void outage_isToldOnceStreamTimeShowsItPast() {
    hours(0, WEEK + 30, 60);
    assertThat(shop.verdicts()).hasSize(WEEK + 29);
    shop.send(shop.hour(WEEK + 33, 20).subList(0, 1));
    Map<Integer, DataVerdict> first = shop.verdicts();
    // The row is at the start of its hour: late ones before it may still come for half an hour.
    assertThat(first).containsOnlyKeys(WEEK + 29);
    shop.send(List.of(shop.view(START + (WEEK + 33) * HOUR_MS + HOUR_MS / 2)));
    Map<Integer, DataVerdict> second = shop.verdicts();
    assertThat(second).containsOnlyKeys(WEEK + 30);
    DataVerdict empty = second.get(WEEK + 30);
    assertThat(hoursOf(empty)).isEqualTo(3);
    assertThat(empty.rows()).isZero();
    assertThat(empty.status()).isEqualTo(Status.BAD);
    assertThat(empty.anomalies())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.kind()).isEqualTo("NO_DATA_IN_SPAN");
              assertThat(each.severity()).isEqualTo("ERROR");
              assertThat(each.observed()).contains("no row in 3 spans", "2026-03-09T06:00:00Z");
              assertThat(each.expected()).contains("a median of 60");
              assertThat(each.fix()).contains("outage");
            });
    assertThat(shop.verdicts()).as("told once").isEmpty();
  }

  @Test
  void restart_whatWasTold_isKnownFromTheStoreAlone() {
    hours(0, 3, 60);
    hours(5, 7, 60);
    assertThat(hoursOf(shop.verdicts().get(3))).isEqualTo(2);
    EventFacts facts = EventFacts.of(Shop.definition(APP, "1h"), "view");
    SpanPlan.EventTime plan = (SpanPlan.EventTime) facts.plan();
    TreeSet<String> kept = new TreeSet<>();
    for (int hour : new int[] {0, 1, 2, 5, 6, 9}) {
      kept.add(SpanKeys.of("view", START + hour * HOUR_MS));
    }
    EmptySpans restarted = shop.emptySpans();
    for (int hour : new int[] {0, 1, 2, 5, 6}) {
      String key = SpanKeys.of("view", START + hour * HOUR_MS);
      assertThat(restarted.before(facts, plan, key, kept, 0)).as("hour %s", hour).isEmpty();
    }
    // What was not told before the restart is told after it, once.
    String ninth = SpanKeys.of("view", START + 9 * HOUR_MS);
    assertThat(restarted.before(facts, plan, ninth, kept, 0))
        .hasValueSatisfying(
            told -> {
              assertThat(told.verdict().span()).isEqualTo("2026-03-01T07:00:00Z");
              assertThat(hoursOf(told.verdict())).isEqualTo(2);
              assertThat(told.revised()).isFalse();
            });
    assertThat(shop.emptySpans().before(facts, plan, ninth, kept, 0)).isEmpty();
  }

  @Test
  void lateRow_withinAStretch_leavesWhatIsBeforeAndAfterIt() {
    hours(0, 2, 60);
    hours(8, 10, 60);
    assertThat(hoursOf(shop.verdicts().get(2))).isEqualTo(6);
    shop.send(List.of(shop.view(START + 4 * HOUR_MS)));
    Map<Integer, DataVerdict> told = shop.verdicts();
    assertThat(told.keySet()).containsExactly(2, 4, 5);
    assertThat(hoursOf(told.get(2))).isEqualTo(2);
    assertThat(told.get(4).rows()).isEqualTo(1);
    assertThat(hoursOf(told.get(5))).isEqualTo(3);
    // At the start of a stretch its verdict is replaced by that on the row's span.
    shop.send(List.of(shop.view(START + 5 * HOUR_MS)));
    Map<Integer, DataVerdict> after = shop.verdicts();
    assertThat(after.keySet()).containsExactly(5, 6);
    assertThat(after.get(5).rows()).isEqualTo(1);
    assertThat(hoursOf(after.get(5))).isEqualTo(1);
    assertThat(hoursOf(after.get(6))).isEqualTo(2);
  }

  @Test
  void clockThatJumpsByYears_makesOneVerdict() {
    hours(0, 2, 60);
    int years = 10 * 365 * 24;
    hours(years, years + 2, 60);
    Map<Integer, DataVerdict> told = shop.verdicts();
    assertThat(told).containsOnlyKeys(0, 1, 2, years);
    assertThat(hoursOf(told.get(2))).isEqualTo(years - 2);
    // What comes where the clock is right again is judged as usual, and the rest shrinks.
    hours(2, 4, 60);
    Map<Integer, DataVerdict> after = shop.verdicts();
    assertThat(after).containsOnlyKeys(2, 3, 4);
    assertThat(after.get(2).rows()).isEqualTo(60);
    assertThat(after.get(3).rows()).isEqualTo(60);
    assertThat(hoursOf(after.get(4))).isEqualTo(years - 4);
    assertThat(kinds(after.get(4))).containsExactly("NO_DATA_IN_SPAN");
  }

  @Test
  void override_ofTheKind_letsAnOutagePass() {
    hours(0, WEEK + 30, 60);
    hours(WEEK + 32, WEEK + 34, 60);
    assertThat(shop.verdicts().get(WEEK + 30).status()).isEqualTo(Status.BAD);
    shop =
        shop.applied(
            Shop.definition(
                APP,
                "1h",
                "{\"kind\": \"NO_DATA_IN_SPAN\", \"severity\": \"WARNING\", \"by\": \"ada\","
                    + " \"reason\": \"works on the line\"}"));
    Map<Integer, DataVerdict> told = shop.verdicts();
    assertThat(told).containsOnlyKeys(WEEK + 30);
    assertThat(told.get(WEEK + 30).status()).isEqualTo(Status.GOOD);
  }
}
