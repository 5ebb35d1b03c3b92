// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.view.ByteWriter;
import io.millrace.features.view.FeatureStatus;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.OnlineRow;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.online.OnlineKey;
import io.millrace.featurestore.online.OnlineReader;
import io.millrace.featurestore.online.OnlineRecord;
import io.millrace.featurestore.view.FeatureSet;
import io.millrace.featurestore.view.Generation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class FeatureTopologyTest {
  private static final String APP = "shop";
  private static final long MINUTE = 60_000;

  private final Generation generation = Generation.of(Definitions.shop(APP));
  private final TopologyFixture fixture = new TopologyFixture(APP);

  private void start() {
    fixture.run(
        new FeatureTopology(generation, event -> 1, fixture.with, fixture.reads).get(),
        "shop-feature-store-test");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private Event impression(int n, String user, String item, long timeMs) {
    return Definitions.impression(APP, "i" + n, user, item, timeMs, 1.25 * n);
  }

  private OnlineRow read(String user, String item, long asOfMs) {
    return new OnlineReader(fixture.stores, 1 << 20)
        .read(
            FeatureSet.of(
                generation,
                List.of(
                    "user_impressions.n_1h",
                    "user_impressions.price_sum_1d",
                    "user_impressions.last_item",
                    "item_impressions.n_1h",
                    "item_clicks.n_1h")),
            Map.of("user", new String[] {user}, "item", new String[] {item}),
            new long[] {asOfMs},
            Duration.ofSeconds(1),
            block -> OnlineRow.of(block, 0));
  }

  @Test
  void describe_shop_isTheGoldenOne() throws IOException {
    start();
    String description =
        new FeatureTopology(generation, event -> 1, fixture.with, fixture.reads)
            .get()
            .describe()
            .toString()
            .strip();
    try (InputStream golden =
        Objects.requireNonNull(
            getClass().getResourceAsStream("/golden/feature-topology-shop.txt"))) {
      assertThat(description)
          .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8).strip());
    }
  }

  @Test
  void process_eventsOfTwoEntities_areVisibleOnlineForBoth() {
    start();
    long t = Definitions.T0;
    fixture.send(impression(1, "u1", "a", t));
    fixture.send(impression(2, "u1", "b", t + MINUTE));
    fixture.send(impression(3, "u2", "a", t + 2 * MINUTE));
    fixture.send(Definitions.click(APP, "c1", "i1", "u1", "a", t + 3 * MINUTE));

    OnlineRow row = read("u1", "a", t + 4 * MINUTE);

    assertThat(row.values()).containsExactly(2.0, 3.75, "b", 2.0, 1.0);
    assertThat(row.states())
        .isEqualTo(
            Map.of("user_impressions:u1", 2L, "item_impressions:a", 2L, "item_clicks:a", 1L));
    assertThat(row.ageMs().getFirst()).isEqualTo(3 * MINUTE);
    assertThat(fixture.measures.sums)
        .containsEntry("applied impression-user", 3L)
        .containsEntry("applied impression-item", 3L)
        .containsEntry("applied click-item", 1L);
  }

  @Test
  void read_keyThatNoEventNamed_hasEmptyWindows() {
    start();
    OnlineRow row = read("nobody", "nothing", Definitions.T0);

    assertThat(row.values().getFirst()).isEqualTo(0.0);
    assertThat(row.status().get(2)).isEqualTo(FeatureStatus.MISSING);
    assertThat(row.states()).containsEntry("user_impressions:nobody", 0L);
  }

  @Test
  void process_typeThatChangesInTheMiddle_isCountedAndLeavesTheValueOut() {
    start();
    long t = Definitions.T0;
    fixture.send(impression(1, "u1", "a", t));
    Event good = impression(2, "u1", "a", t + MINUTE);
    Map<String, Object> data = new TreeMap<>(good.data());
    data.put("price", "twelve");
    fixture.send(
        new Event(
            APP, good.name(), good.id(), good.key(), good.eventTimeMs(), good.knownAtMs(), data));
    data.remove("price");
    fixture.send(new Event(APP, good.name(), "i3", good.key(), t + MINUTE, t + MINUTE, data));

    OnlineRow row = read("u1", "a", t + 4 * MINUTE);

    assertThat(row.values().subList(0, 2)).isEqualTo(List.of(3.0, 1.25));
    assertThat(fixture.measures.sums)
        .containsEntry("applied impression-user", 3L)
        .containsEntry("undefined user_impressions: price", 1L)
        .containsEntry("undefined item_impressions: price", 1L);
    assertThat(fixture.board.of("shop-feature-store-test").tallies())
        .containsEntry("undefined", 2L);
  }

  @Test
  void process_outOfOrderWithinLateness_patchesState() {
    start();
    long t = Definitions.T0 + Definitions.HOUR;
    fixture.send(impression(1, "u1", "a", t));
    fixture.send(impression(2, "u1", "b", t - 9 * MINUTE));

    assertThat(read("u1", "a", t).values().getFirst()).isEqualTo(2.0);
    assertThat(read("u1", "a", t).values().get(2)).isEqualTo("a");
    assertThat(fixture.stores.late).isEmpty();
  }

  @Test
  void process_beyondLateness_goesToHistoryAndIsCountedButChangesNothingOnline() {
    start();
    long t = Definitions.T0 + Definitions.HOUR;
    fixture.send(impression(1, "u1", "a", t));
    fixture.send(impression(2, "u1", "a", t - 11 * MINUTE));

    assertThat(read("u1", "a", t).values().getFirst()).isEqualTo(1.0);
    fixture.settle();
    assertThat(fixture.stores.late).extracting(HistoryRow::id).containsExactly("i2", "i2");
    assertThat(fixture.measures.sums).containsEntry("late impression", 1L);
    assertThat(fixture.board.of("shop-feature-store-test").tallies())
        .containsEntry("late", 2L)
        .containsEntry("applied", 2L);
  }

  @Test
  void process_oneProducerAnHourAhead_makesNobodyElseLate() {
    start();
    long t = Definitions.T0 + Definitions.HOUR;
    fixture.send(impression(1, "u1", "a", t));
    Event ahead = impression(2, "u2", "a", t + Definitions.HOUR);
    fixture.send(
        new Event(APP, ahead.name(), ahead.id(), "u2", ahead.eventTimeMs(), t, ahead.data()));
    fixture.send(impression(3, "u1", "a", t + MINUTE));

    assertThat(fixture.stores.late).isEmpty();
    assertThat(read("u1", "a", t + MINUTE).values().getFirst()).isEqualTo(2.0);
    // What is ahead is seen when its time has come.
    assertThat(read("u2", "a", t + Definitions.HOUR).values().getFirst()).isEqualTo(0.0);
    fixture.send(impression(4, "u1", "a", t + Definitions.HOUR));
    assertThat(read("u2", "a", t + Definitions.HOUR).values().getFirst()).isEqualTo(1.0);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -62_135_596_800_000L, -9_000_000_000_000_000L, Long.MIN_VALUE + 1})
  void process_eventOfTheFarPast_isKeptAndChangesNoWindow(long timeMs) {
    start();
    fixture.send(impression(8, "u1", "a", timeMs));
    fixture.send(impression(1, "u1", "a", Definitions.T0));
    fixture.send(impression(9, "u1", "a", timeMs));
    fixture.pass(Duration.ofSeconds(1));

    fixture.settle();
    assertThat(fixture.stores.late).extracting(HistoryRow::id).containsExactly("i9", "i9");
    OnlineRow read = read("u1", "a", Definitions.T0 + MINUTE);
    assertThat(read.values().get(0)).isEqualTo(1.0);
    assertThat(read.values().get(1)).isEqualTo(1.25);
  }

  @Test
  void process_keyThatNoStoreCouldHold_isADeadLetterAndTheRestGoesOn() {
    start();
    fixture.send(impression(1, "u".repeat(1 << 16), "a", Definitions.T0));
    fixture.send(impression(2, "u1", "a", Definitions.T0 + 1));

    assertThat(fixture.harness().output(fixture.topics.rejected()).readValuesToList())
        .extracting(EventRejected::reason)
        .containsExactly("key-length");
    assertThat(read("u1", "a", Definitions.T0 + MINUTE).values().get(0)).isEqualTo(1.0);
  }

  @Test
  void process_poison_isADeadLetterAndTheRestGoesOn() {
    start();
    TestInputTopic<String, Event> events =
        fixture.harness().input(fixture.topics.events("impression"));
    events.pipeInput("u1", impression(1, "u1", "a", Definitions.T0));
    TestInputTopic<byte[], byte[]> raw =
        fixture
            .harness()
            .input(
                new io.millrace.common.topic.Topic<>(
                    APP + ".events.impression",
                    org.apache.kafka.common.serialization.Serdes.ByteArray(),
                    org.apache.kafka.common.serialization.Serdes.ByteArray(),
                    1,
                    null,
                    false,
                    "ingest"));
    raw.pipeInput(
        new TestRecord<>(
            new ByteArraySerializer().serialize("", new byte[] {1}),
            "{broken".getBytes(StandardCharsets.UTF_8),
            new RecordHeaders()));
    events.pipeInput("u1", impression(2, "u1", "a", Definitions.T0 + 1), Definitions.T0 + 1);

    List<EventRejected> letters =
        fixture.harness().output(fixture.topics.rejected()).readValuesToList();
    assertThat(letters).hasSize(1);
    assertThat(letters.getFirst().reason()).isEqualTo("malformed");
    assertThat(letters.getFirst().origin()).isEqualTo("shop.events.impression/0/1");
    assertThat(letters.getFirst().payload()).isEqualTo("{broken");
    assertThat(read("u1", "a", Definitions.T0 + 1).values().getFirst()).isEqualTo(2.0);
  }

  @Test
  void process_eventWithoutEntityKey_isADeadLetter() {
    start();
    fixture.send(
        new Event(APP, "click", "c1", "u1", Definitions.T0, Definitions.T0, Map.of("user", "u1")));

    assertThat(fixture.harness().output(fixture.topics.rejected()).readValue().reason())
        .isEqualTo("missing-key");
  }

  @Test
  void flush_onlineStoreHasLostEverything_isWrittenAgainFromTheStates() {
    start();
    for (int i = 0; i < 1_200; i++) {
      fixture.send(impression(i, "u" + i, "item" + i % 3, Definitions.T0 + i));
    }
    turns();
    Map<String, byte[]> before = new TreeMap<>(fixture.stores.online);
    assertThat(before).hasSize(1_203);

    fixture.stores.online.clear();
    turns();
    assertThat(fixture.stores.online).isEmpty();
    fixture.stores.epoch = "two";
    turns();

    assertThat(fixture.stores.online).hasSize(before.size());
    before.forEach(
        (key, value) -> assertThat(fixture.stores.online.get(key)).as(key).isEqualTo(value));
  }

  @Test
  void read_whileTheOnlineStoreIsBeingFilledAgain_failsForWhatIsNotThereAndNeverAnswersZeros() {
    fixture.stores.marks = true;
    start();
    assertThatThrownBy(() -> count("u1")).isInstanceOf(StoreUnavailableException.class);
    turns();
    assertThat(count("nobody")).isZero();
    for (int i = 0; i < 1_200; i++) {
      fixture.send(impression(i, "u" + i, "item", Definitions.T0 + i));
    }
    turns();
    assertThat(count("u1")).isEqualTo(1);

    fixture.stores.online.clear();
    fixture.stores.whole.clear();
    assertThatThrownBy(() -> count("u1"))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("being filled")
        .hasMessageContaining("'user'");
    fixture.stores.epoch = "two";
    int there = 0;
    String mark =
        new String(
            OnlineKey.mark(
                OnlineKey.prefix(
                    generation,
                    Objects.requireNonNull(generation.find("user_impressions")).group())),
            StandardCharsets.UTF_8);
    while (!fixture.stores.whole.containsKey(mark)) {
      fixture.pass(Duration.ofMillis(20));
      there = 0;
      for (int i = 0; i < 1_200; i++) {
        try {
          assertThat(count("u" + i)).isEqualTo(1);
          there++;
        } catch (StoreUnavailableException notYet) {
          assertThat(fixture.stores.whole).doesNotContainKey(mark);
        }
      }
    }
    assertThat(there).isEqualTo(1_200);
    assertThat(count("nobody")).isZero();
  }

  /** Impressions of a user in an hour. */
  private double count(String user) {
    FeatureSet features = FeatureSet.of(generation, List.of("user_impressions.n_1h"));
    return new OnlineReader(fixture.stores, 1 << 20)
        .read(
            features,
            Map.of("user", new String[] {user}),
            new long[] {Definitions.T0 + MINUTE},
            Duration.ofSeconds(1),
            block -> ((Number) OnlineRow.of(block, 0).values().getFirst()).doubleValue());
  }

  /** The driver flushes once each time that the clock moves. */
  private void turns() {
    for (int i = 0; i < 20; i++) {
      fixture.pass(Duration.ofMillis(20));
    }
  }

  @Test
  void process_emittedView_answersEachEventWithTheFeaturesAsOfIt() throws IOException {
    ApplicationDefinition shop = Definitions.emitting(Definitions.shop(APP), "user_impressions");
    Generation emitting = Generation.of(shop);
    fixture.run(
        new FeatureTopology(emitting, event -> 1, fixture.with, fixture.reads).get(),
        "shop-feature-store-test");
    long t = Definitions.T0;
    fixture.send(impression(1, "u1", "a", t));
    fixture.send(impression(2, "u1", "b", t + MINUTE));
    fixture.send(impression(3, "u1", "c", t - 9 * MINUTE));
    fixture.send(impression(4, "u1", "d", t - 11 * MINUTE));

    List<TestRecord<String, byte[]>> answers =
        fixture.harness().output(fixture.topics.features()).readRecordsToList();

    assertThat(answers).hasSize(3);
    TestRecord<String, byte[]> second = answers.get(1);
    assertThat(second.key()).isEqualTo("u1");
    assertThat(new String(second.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8))
        .isEqualTo("i2");
    JsonNode body = Json.mapper().readTree(second.value());
    assertThat(body.get("view").asString()).isEqualTo("user_impressions");
    assertThat(body.get("generation").asString()).isEqualTo(emitting.hash());
    assertThat(body.get("version").asLong()).isEqualTo(2);
    assertThat(body.get("features").get("n_1h").asDouble()).isEqualTo(2);
    assertThat(body.get("features").get("price_sum_1d").asDouble()).isEqualTo(3.75);
    assertThat(body.get("features").get("last_item").asString()).isEqualTo("b");
    // As of its own time, the third event is the only one; the fourth came too late.
    JsonNode third = Json.mapper().readTree(answers.get(2).value()).get("features");
    assertThat(third.get("n_1h").asDouble()).isEqualTo(1);
    assertThat(generation.hash()).isNotEqualTo(emitting.hash());
  }

  @Test
  void process_eventThatIsTooLargeForARecord_isADeadLetter() {
    start();
    fixture.send(impression(1, "u1", "x".repeat(1_000_000), Definitions.T0));
    fixture.send(impression(2, "u1", "a", Definitions.T0));

    assertThat(fixture.harness().output(fixture.topics.rejected()).readValuesToList())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.eventId()).isEqualTo("i1");
              assertThat(letter.reason()).isEqualTo("too-large");
              assertThat(letter.payload()).hasSizeLessThan(20_000);
            });
    assertThat(fixture.measures.sums).containsEntry("rejected impression", 1L);
  }

  @Test
  void process_answerThatIsTooLargeForARecord_isADeadLetterAndTheStateGoesOn() {
    Map<String, FeatureDefinition> lists = new TreeMap<>();
    for (int i = 0; i < 20; i++) {
      lists.put("items" + i, Definitions.bounded("last_n", "item", "30d", 50));
    }
    FeatureViewDefinition items =
        new FeatureViewDefinition("impression", "user", null, lists, null, null, null, true);
    Generation emitting = Generation.of(Definitions.only(APP, Map.of("user_impressions", items)));
    fixture.run(
        new FeatureTopology(emitting, event -> 1, fixture.with, fixture.reads).get(),
        "shop-feature-store-test");
    int events = 52;
    for (int i = 0; i < events; i++) {
      String item = "x".repeat(1_010) + (10_000 + i);
      fixture.send(impression(i, "u1", item, Definitions.T0 + i * 1_000L));
    }
    fixture.send(impression(events, "u2", "a", Definitions.T0 + events * 1_000L));

    List<TestRecord<String, byte[]>> answers =
        fixture.harness().output(fixture.topics.features()).readRecordsToList();
    List<EventRejected> letters =
        fixture.harness().output(fixture.topics.rejected()).readValuesToList();

    assertThat(letters).hasSizeBetween(1, 10);
    assertThat(answers).hasSize(events + 1 - letters.size());
    assertThat(answers.getLast().key()).isEqualTo("u2");
    assertThat(letters)
        .allSatisfy(
            letter -> {
              assertThat(letter.reason()).isEqualTo("too-large");
              assertThat(letter.message()).contains("'user_impressions'");
            });
    assertThat(letters.getLast().eventId()).isEqualTo("i" + (events - 1));
    assertThat(fixture.measures.sums)
        .containsEntry("unanswered user_impressions", (long) letters.size());
  }

  @Test
  void process_noViewEmitted_hasNoAnswers() {
    start();
    fixture.send(impression(1, "u1", "a", Definitions.T0));

    assertThat(
            new FeatureTopology(generation, event -> 1, fixture.with, fixture.reads)
                .get()
                .describe()
                .toString())
        .doesNotContain("shop.features");
  }

  @Test
  void history_replayedInSequence_givesTheOnlineState() {
    start();
    Random random = new Random(7);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      events.add(
          Definitions.impression(
              APP,
              "i" + i,
              "u" + random.nextInt(5),
              "item" + random.nextInt(9),
              Definitions.T0 + i * 20_000L - random.nextInt(500_000),
              random.nextDouble() * 100));
    }
    events.forEach(fixture::send);
    fixture.settle();

    int rows = 0;
    for (var rowsOfKey : fixture.stores.history.values()) {
      rows += rowsOfKey.size();
    }
    assertThat(rows).isEqualTo(2 * events.size());
    for (var group : generation.groups()) {
      if (!group.source().equals("impression")) {
        continue;
      }
      for (HistoryKey key : fixture.stores.history.keySet()) {
        if (!key.entity().equals(group.entity())) {
          continue;
        }
        var state = group.newState();
        fixture.stores.read(
            key,
            0,
            row -> {
              group.apply(state, row.event().fields(), row.event().eventTimeMs());
              assertThat(row.seq()).isEqualTo(state.seq());
              return true;
            });
        byte[] online =
            fixture.stores.online.get(
                new String(
                    OnlineKey.of(OnlineKey.prefix(generation, group), key.key()),
                    StandardCharsets.UTF_8));
        assertThat(online)
            .isEqualTo(
                OnlineRecord.encode(
                    state.seq(),
                    state.lastEventTimeMs(),
                    group.encodeBlocks(state, new ByteWriter())));
      }
    }
  }
}
