// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.serde.Json;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.testkit.topology.TopologyHarness;
import io.millrace.validator.data.PatternBook;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ValidatorTopologyTest {
  private static final String APP = "shop";
  private static final Topics TOPICS = new Topics(APP);
  private static final long HOUR_MS = 3_600_000;
  private static final long START = Instant.parse("2026-03-01T00:00:00Z").toEpochMilli();
  private static final Duration ROUND = Duration.ofSeconds(5);

  private final Counts counts = new Counts();
  private final PatternBook patterns = new PatternBook();
  private TopologyHarness harness = start("1h");
  private long number;

  private static final class Counts implements ValidatorMetrics {
    private final Map<String, Long> counted = new HashMap<>();

    private void add(String name, long count) {
      counted.merge(name, count, Long::sum);
    }

    @Override
    public void profiled(String event) {
      add("profiled", 1);
    }

    @Override
    public void rejected(String event) {
      add("rejected", 1);
    }

    @Override
    public void late(String event, long rows) {
      add("late", rows);
    }

    @Override
    public void tooLate(String event, long rows) {
      add("tooLate", rows);
    }

    @Override
    public void judged(String event, String status, boolean revised, long nanos) {
      add(revised ? "revised" : "judged", 1);
    }
  }

  private Topology topology(String span, ValidatorMetrics metrics) {
    return new ValidatorTopology(
            Shop.definition(APP, span),
            patterns,
            metrics,
            (app, event, name, status, traceparent) -> {
              RecordHeaders headers = new RecordHeaders();
              if (traceparent != null) {
                headers.add("traceparent", traceparent.getBytes(StandardCharsets.UTF_8));
              }
              return headers;
            },
            Timing.DEFAULT)
        .get();
  }

  private TopologyHarness start(String span) {
    return TopologyHarness.of(topology(span, counts), APP + "-validator", Instant.EPOCH);
  }

  private void restartWith(String span) {
    harness.close();
    harness = start(span);
  }

  @AfterEach
  void close() {
    harness.close();
  }

  private TestInputTopic<String, Event> views() {
    return harness.input(TOPICS.events("view"));
  }

  private TestOutputTopic<String, DataVerdict> verdicts() {
    return harness.output(TOPICS.dataVerdicts());
  }

  /** Rows of one hour, evenly spread. */
  private List<Event> hour(int hour, int rows) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      events.add(Shop.view(APP, number++, START + hour * HOUR_MS + i * HOUR_MS / rows));
    }
    return events;
  }

  private void send(List<Event> events) {
    TestInputTopic<String, Event> topic = views();
    events.forEach(event -> topic.pipeInput(event.key(), event));
  }

  private void pass() {
    for (int i = 0; i < 3; i++) {
      harness.advanceWallClock(ROUND);
    }
  }

  @Test
  void describe_topology_isTheGoldenOne() throws IOException {
    String golden;
    try (InputStream in =
        Objects.requireNonNull(
            getClass().getResourceAsStream("/topology/validator.txt"), "golden file")) {
      golden = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(topology("1h", counts).describe().toString().strip()).isEqualTo(golden.strip());
  }

  @Test
  void spans_closeOnlyOnceTheEventsHaveGoneByTheirEndAndWait() {
    send(hour(0, 300));
    send(hour(1, 100));
    pass();
    // Stream time is 01:59, the span waits until 01:30: closed. The second waits.
    assertThat(verdicts().readKeyValuesToMap())
        .containsOnlyKeys("view/2026-03-01T00:00:00Z")
        .allSatisfy(
            (key, verdict) -> {
              assertThat(verdict.rows()).isEqualTo(300);
              assertThat(verdict.startMs()).isEqualTo(START);
              assertThat(verdict.endMs()).isEqualTo(START + HOUR_MS);
              assertThat(verdict.status()).isEqualTo(DataVerdict.Status.GOOD);
              assertThat(verdict.schemaVersion()).isZero();
              assertThat(verdict.statistics().get("price")).containsEntry("rows", 300.0);
            });
    send(hour(2, 1));
    pass();
    assertThat(verdicts().isEmpty()).as("02:00 is before 02:30").isTrue();
    send(List.of(Shop.view(APP, number++, START + 2 * HOUR_MS + HOUR_MS / 2)));
    pass();
    assertThat(verdicts().readKeyValuesToMap()).containsOnlyKeys("view/2026-03-01T01:00:00Z");
  }

  @Test
  void outOfOrder_rowsWithinTheWait_areInTheVerdict() {
    List<Event> first = hour(0, 300);
    send(first.subList(10, 300));
    send(hour(1, 20));
    send(first.subList(0, 10));
    pass();
    assertThat(verdicts().readValue().rows()).isEqualTo(300);
    assertThat(counts.counted).doesNotContainKey("late");
  }

  @Test
  void late_rowThatChangesNothing_isCountedAndNotToldAgain() {
    send(hour(0, 300));
    send(hour(1, 300));
    pass();
    assertThat(verdicts().readKeyValuesToList()).hasSize(1);
    send(List.of(Shop.view(APP, number++, START + 5)));
    pass();
    assertThat(verdicts().isEmpty()).isTrue();
    assertThat(counts.counted).containsEntry("late", 1L);
  }

  @Test
  void late_rowsThatMakeTheSpanBad_reviseItsVerdict() {
    send(hour(0, 300));
    send(hour(1, 300));
    pass();
    assertThat(verdicts().readValue().status()).isEqualTo(DataVerdict.Status.GOOD);
    List<Event> broken = new ArrayList<>();
    hour(0, 30).forEach(event -> broken.add(Shop.with(event, "price", 1e9)));
    send(broken);
    pass();
    List<DataVerdict> revised = verdicts().readValuesToList();
    assertThat(revised).hasSize(1);
    assertThat(revised.getFirst().span()).isEqualTo("2026-03-01T00:00:00Z");
    assertThat(revised.getFirst().status()).isEqualTo(DataVerdict.Status.BAD);
    assertThat(revised.getFirst().rows()).isEqualTo(330);
    assertThat(revised.getFirst().anomalies()).anyMatch(each -> each.kind().equals("RULE"));
    assertThat(counts.counted).containsEntry("revised", 1L);
  }

  @Test
  void future_oneEventFarAhead_dropsNoStatistics() {
    for (int hour = 0; hour < 6; hour++) {
      send(hour(hour, 300));
    }
    pass();
    long future = Instant.parse("2300-01-01T00:00:00Z").toEpochMilli();
    send(List.of(Shop.view(APP, number++, future)));
    send(List.of(Shop.view(APP, number++, future + 3 * HOUR_MS)));
    pass();
    // A late row still finds the statistics of its span: it is added, not thrown away.
    send(List.of(Shop.view(APP, number++, START + 2 * HOUR_MS)));
    pass();
    assertThat(counts.counted).containsEntry("late", 1L).doesNotContainKey("tooLate");
  }

  @Test
  void badSpan_isBadWithItsReasons_andTheNextGoodOneIsGood() {
    for (int hour = 0; hour < 8; hour++) {
      send(hour(hour, 300));
    }
    List<Event> wrong = new ArrayList<>();
    hour(8, 300)
        .forEach(
            event ->
                wrong.add(Shop.with(event, "price", (Double) event.data().get("price") * 100)));
    send(wrong);
    send(hour(9, 300));
    send(hour(11, 1));
    pass();
    Map<String, DataVerdict> verdicts = verdicts().readKeyValuesToMap();
    assertThat(verdicts).hasSize(10);
    assertThat(verdicts.values().stream().filter(each -> each.status() == DataVerdict.Status.BAD))
        .singleElement()
        .satisfies(
            verdict -> {
              assertThat(verdict.span()).isEqualTo("2026-03-01T08:00:00Z");
              assertThat(verdict.anomalies())
                  .anySatisfy(
                      each -> {
                        assertThat(each.kind()).isEqualTo("UNIT_CHANGE");
                        assertThat(each.column()).isEqualTo("price");
                        assertThat(each.observed()).contains("×100");
                      });
            });
  }

  @Test
  void eventsWithoutRows_andOtherEvents_areJudgedApart() {
    harness
        .input(TOPICS.events("buy"))
        .pipeInput("u1", new Event(APP, "buy", "b1", "u1", START, START, Map.of("sum", 3L)));
    send(hour(0, 10));
    send(hour(30, 1));
    pass();
    // The two kinds of events have their own stream time: "buy" has not moved on.
    assertThat(verdicts().readKeyValuesToMap()).containsOnlyKeys("view/2026-03-01T00:00:00Z");
  }

  @Test
  void rows_spanOfRows_closesWhenFull() {
    restartWith("160 rows");
    send(hour(0, 500));
    pass();
    List<DataVerdict> verdicts = verdicts().readValuesToList();
    assertThat(verdicts)
        .extracting(DataVerdict::span)
        .containsExactly("rows-0", "rows-1", "rows-2");
    assertThat(verdicts).allSatisfy(each -> assertThat(each.rows()).isBetween(160L, 170L));
    assertThat(verdicts.get(1).startMs()).isGreaterThanOrEqualTo(verdicts.get(0).endMs() - 1);
  }

  @Test
  void poison_unreadableRecord_goesToTheDeadLetters() {
    send(hour(0, 1));
    TestInputTopic<byte[], byte[]> bytes =
        harness.input(
            new Topic<>(
                TOPICS.events("view").name(),
                Serdes.ByteArray(),
                Serdes.ByteArray(),
                1,
                null,
                false,
                "test"));
    bytes.pipeInput(null, "{not json".getBytes(StandardCharsets.UTF_8));
    assertThat(harness.output(TOPICS.rejected()).readValue())
        .satisfies(
            letter -> {
              assertThat(letter.service()).isEqualTo("validator");
              assertThat(letter.reason()).isEqualTo("malformed");
              assertThat(letter.origin()).startsWith("shop.events.view/0/");
            });
    assertThat(counts.counted).containsEntry("rejected", 1L).containsEntry("profiled", 1L);
  }

  @Test
  void trace_lastEventOfTheSpan_isTheParentOfItsVerdict() {
    String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    Event event = hour(0, 1).getFirst();
    RecordHeaders headers = new RecordHeaders();
    headers.add("traceparent", traceparent.getBytes(StandardCharsets.UTF_8));
    views().pipeInput(new TestRecord<>(event.key(), event, headers));
    send(hour(2, 1));
    pass();
    assertThat(
            new String(
                verdicts().readRecord().headers().lastHeader("traceparent").value(),
                StandardCharsets.UTF_8))
        .isEqualTo(traceparent);
  }

  @Test
  void schemas_everyVersion_isKept() {
    for (int hour = 0; hour < 4; hour++) {
      int kinds = 4 + hour;
      List<Event> events = new ArrayList<>();
      hour(hour, 300).forEach(each -> events.add(Shop.with(each, "kind", "k" + number++ % kinds)));
      send(events);
    }
    send(hour(6, 1));
    pass();
    var schemas = harness.<String, byte[]>store(ValidatorTopology.SCHEMAS);
    for (int version = 1; version <= 4; version++) {
      assertThat(schemas.get(ValidatorTopology.schemaKey("view", version))).isNotNull();
    }
    assertThat(schemas.get(ValidatorTopology.schemaKey("view", 5))).isNull();
  }

  @Test
  void decision_domainIsExtended_badSpanIsJudgedAgainAndSchemaIsCurated() {
    for (int hour = 0; hour < 8; hour++) {
      send(hour(hour, 300));
    }
    List<Event> renamed = new ArrayList<>();
    hour(8, 300).forEach(event -> renamed.add(Shop.with(event, "kind", "new-" + number++ % 2)));
    send(renamed);
    send(hour(11, 1));
    pass();
    Map<String, DataVerdict> first = verdicts().readKeyValuesToMap();
    DataVerdict bad = first.get("view/2026-03-01T08:00:00Z");
    assertThat(bad.status()).isEqualTo(DataVerdict.Status.BAD);
    decide(
        new SchemaDecided.Edit(
            "kind",
            false,
            null,
            null,
            List.of("k0", "k1", "k2", "k3", "new-0", "new-1"),
            null,
            null,
            null));
    // The domain is no longer a reason; the distribution still is another one, which is a warning.
    DataVerdict again = verdicts().readKeyValuesToMap().get("view/2026-03-01T08:00:00Z");
    assertThat(again.anomalies())
        .noneMatch(each -> each.kind().equals("ENUM_TYPE_UNEXPECTED_STRING_VALUES"));
    assertThat(again.schemaVersion()).isEqualTo(bad.schemaVersion() + 1);
    var schemas = harness.<String, byte[]>store(ValidatorTopology.SCHEMAS);
    assertThat(
            new String(
                schemas.get(ValidatorTopology.schemaKey("view", again.schemaVersion())),
                StandardCharsets.UTF_8))
        .contains("\"by\":\"ada\"", "new-0");
    // Delivered again, it changes nothing.
    decide();
    assertThat(verdicts().isEmpty()).isTrue();
  }

  @Test
  void decision_patternOfAColumn_isHeldAgainstTheRowsFromThenOn() {
    for (int hour = 0; hour < 3; hour++) {
      send(hour(hour, 300));
    }
    pass();
    ColumnRules rules =
        Json.mapper().readValue("{\"pattern\": \"u[0-9]{1,2}\"}", ColumnRules.class);
    SchemaDecided decided =
        new SchemaDecided(
            APP,
            "view",
            0,
            List.of(new SchemaDecided.Edit("user", false, null, null, null, null, null, rules)),
            null,
            "ada",
            "users are numbered",
            1);
    // In production each instance reads the topic for itself.
    patterns.accept(decided);
    harness.input(TOPICS.schemaDecisions()).pipeInput("view", decided);
    send(hour(3, 300));
    List<Event> wrong = new ArrayList<>();
    wrong.addAll(hour(4, 300));
    wrong.set(7, Shop.with(wrong.get(7), "user", "guest"));
    for (int i = 10; i < 30; i++) {
      wrong.set(i, Shop.with(wrong.get(i), "user", "guest " + i));
    }
    send(wrong);
    send(hour(6, 1));
    pass();
    Map<String, DataVerdict> told = verdicts().readKeyValuesToMap();
    assertThat(told.get("view/2026-03-01T03:00:00Z").anomalies()).isEmpty();
    assertThat(told.get("view/2026-03-01T04:00:00Z").anomalies())
        .filteredOn(each -> each.kind().equals("ENUM_TYPE_UNEXPECTED_STRING_VALUES"))
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.severity()).isEqualTo("ERROR");
              assertThat(each.observed())
                  .isEqualTo("7.0 % of 300 strings that were looked at (21), such as 'guest'");
              assertThat(each.expected()).isEqualTo("the pattern u[0-9]{1,2}");
              assertThat(each.share()).isEqualTo(0.07);
              assertThat(each.examples()).containsExactly("0/1207", "0/1210", "0/1211");
            });
  }

  @Test
  void decision_thatCannotBeRead_isPassedOver() {
    send(hour(0, 300));
    harness
        .input(
            new Topic<>(
                TOPICS.schemaDecisions().name(),
                Serdes.String(),
                Serdes.ByteArray(),
                1,
                null,
                false,
                "test"))
        .pipeInput("view", "{".getBytes(StandardCharsets.UTF_8));
    send(hour(2, 1));
    pass();
    assertThat(verdicts().readKeyValuesToMap()).hasSize(1);
  }

  private void decide(SchemaDecided.Edit... edits) {
    harness
        .input(TOPICS.schemaDecisions())
        .pipeInput(
            "view",
            new SchemaDecided(APP, "view", 0, List.of(edits), null, "ada", "two new kinds", 1));
  }
}
