// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Status;
import io.millrace.common.contract.Event;
import io.millrace.common.serde.Json;
import io.millrace.validator.data.SpanStatistics;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever comes, every span gets a verdict of bounded size, and the good span after it a good one.
 */
final class BadInputTopologyTest {
  private static final String APP = "shop";
  private static final long HOUR_MS = ShopSpans.HOUR_MS;
  private static final long START = Instant.parse("2026-03-01T00:00:00Z").toEpochMilli();
  private static final int ROWS = 200;
  private static final int GOOD_SPANS = 4;
  private static final int VERDICT_BYTES_MAX = 512 * 1024;

  /** What a span with a handful of columns may take in the store, whatever its values. */
  private static final int SPAN_BYTES_MAX = 64 * 1024;

  /** What one with as many columns as are profiled may take, a kibibyte each. */
  private static final int WIDE_SPAN_BYTES_MAX = SpanStatistics.MAX_COLUMNS * 1024;

  private final ShopSpans shop = new ShopSpans(Shop.definition(APP, "1h"), START);

  @AfterEach
  void close() {
    shop.close();
  }

  private List<Event> hour(int hour, int rows) {
    return shop.hour(hour, rows);
  }

  /** Good hours, the hour in question, a good hour; hour → verdict. */
  private Map<Integer, DataVerdict> judged(List<Event> bad) {
    for (int hour = 0; hour < GOOD_SPANS; hour++) {
      shop.send(hour(hour, ROWS));
    }
    shop.send(bad);
    shop.send(hour(GOOD_SPANS + 1, ROWS));
    shop.send(hour(GOOD_SPANS + 2, ROWS));
    Map<Integer, DataVerdict> verdicts = shop.verdicts();
    assertThat(verdicts.values())
        .allSatisfy(
            each ->
                assertThat(Json.mapper().writeValueAsBytes(each))
                    .hasSizeLessThan(VERDICT_BYTES_MAX));
    for (int hour = 0; hour < GOOD_SPANS; hour++) {
      assertThat(verdicts.get(hour).status()).isEqualTo(Status.GOOD);
    }
    DataVerdict after = verdicts.get(GOOD_SPANS + 1);
    assertThat(after.status()).as("%s", after.anomalies()).isEqualTo(Status.GOOD);
    return verdicts;
  }

  private DataVerdict verdictOf(UnaryOperator<Event> change) {
    List<Event> events = hour(GOOD_SPANS, ROWS);
    events.replaceAll(change);
    DataVerdict verdict = judged(events).get(GOOD_SPANS);
    assertThat(verdict).isNotNull();
    assertThat(verdict.rows()).isEqualTo(ROWS);
    return verdict;
  }

  private static List<String> errors(DataVerdict verdict) {
    return verdict.errors().stream().map(each -> each.kind() + ":" + each.column()).toList();
  }

  @Test
  void emptySpan_isSaidToHaveNoRows() {
    DataVerdict verdict = judged(List.of()).get(GOOD_SPANS);
    assertThat(verdict.rows()).isZero();
    assertThat(verdict.endMs()).isEqualTo(verdict.startMs() + HOUR_MS);
    // After four hours nobody knows whether the fifth is a break.
    assertThat(verdict.status()).isEqualTo(Status.GOOD);
    assertThat(verdict.anomalies())
        .singleElement()
        .satisfies(each -> assertThat(each.kind()).isEqualTo("NO_DATA_IN_SPAN"));
  }

  @Test
  void oneRowSpan_isJudged() {
    DataVerdict verdict = judged(hour(GOOD_SPANS, 1)).get(GOOD_SPANS);
    assertThat(verdict.rows()).isEqualTo(1);
  }

  @Test
  void columnMissingInEveryRow_isNamed() {
    DataVerdict verdict = verdictOf(event -> Shop.without(event, "price"));
    assertThat(verdict.status()).isEqualTo(Status.BAD);
    assertThat(errors(verdict)).anyMatch(each -> each.endsWith(":price"));
  }

  @Test
  void mixedTypes_areNamed() {
    DataVerdict verdict =
        verdictOf(
            event ->
                Shop.with(
                    event,
                    "price",
                    switch ((int) (event.eventTimeMs() % 4)) {
                      case 0 -> "twelve";
                      case 1 -> true;
                      case 2 -> List.of(1, "x");
                      default -> Map.of("amount", 3);
                    }));
    assertThat(verdict.status()).isEqualTo(Status.BAD);
    assertThat(errors(verdict)).anyMatch(each -> each.endsWith(":price"));
  }

  @Test
  void tenThousandColumns_areBoundedAndTheRestIsCounted() {
    List<Event> events = hour(GOOD_SPANS, 3);
    events.replaceAll(
        event -> {
          Map<String, Object> data = new HashMap<>(event.data());
          for (int i = 0; i < 10_000; i++) {
            data.put("column" + i, (long) i);
          }
          return Shop.with(event, data);
        });
    DataVerdict verdict = judged(events).get(GOOD_SPANS);
    assertThat(verdict.rows()).isEqualTo(3);
    assertThat(verdict.anomalies()).hasSizeLessThanOrEqualTo(201);
    assertThat(verdict.anomalies()).anyMatch(each -> each.kind().equals("MULTIPLE_REASONS"));
    assertThat(verdict.anomalies()).anyMatch(each -> each.kind().equals("STATS_NOT_AVAILABLE"));
    System.out.println("largest value in a store, 10,000 columns: " + shop.largestStored());
    assertThat(shop.largestStored()).isBetween(SPAN_BYTES_MAX, WIDE_SPAN_BYTES_MAX);
  }

  @Test
  void stringsOfAMegabyte_areKeptShort() {
    String text = "x".repeat(1 << 20);
    List<Event> events = hour(GOOD_SPANS, ROWS);
    for (int i = 0; i < 20; i++) {
      events.set(i, Shop.with(events.get(i), "kind", text + i));
    }
    DataVerdict verdict = judged(events).get(GOOD_SPANS);
    assertThat(verdict.rows()).isEqualTo(ROWS);
    assertThat(verdict.anomalies()).anyMatch(each -> "kind".equals(each.column()));
    // Twenty strings of a mebibyte went in.
    System.out.println("largest value in a store, strings of 1 MiB: " + shop.largestStored());
    assertThat(shop.largestStored()).isLessThan(SPAN_BYTES_MAX);
  }

  @Test
  void floodOfNotANumberAndInfinity_isNamed() {
    DataVerdict verdict =
        verdictOf(
            event ->
                Shop.with(
                    event,
                    "price",
                    event.eventTimeMs() % 2 == 0 ? Double.NaN : Double.NEGATIVE_INFINITY));
    // JSON knows neither: on the topic they are strings.
    assertThat(verdict.status()).isEqualTo(Status.BAD);
    assertThat(errors(verdict)).containsOnly("FLOAT_TYPE_STRING_NOT_FLOAT:price");
  }

  @Test
  void clockThatJumps_spansFarAwayAreTheirOwnAndHarmNoOther() {
    List<Event> events = hour(GOOD_SPANS, ROWS);
    long[] jumps = {0, -1, 1_000_000L * HOUR_MS, -1_000_000L * HOUR_MS};
    for (int i = 0; i < jumps.length; i++) {
      events.add(shop.view(i < 2 ? jumps[i] : START + jumps[i]));
    }
    DataVerdict verdict = judged(events).get(GOOD_SPANS);
    assertThat(verdict.rows()).isEqualTo(ROWS);
    assertThat(verdict.status()).as("%s", verdict.anomalies()).isEqualTo(Status.GOOD);
  }
}
