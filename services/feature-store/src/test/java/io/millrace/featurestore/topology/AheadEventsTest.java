// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.OnlineRow;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.online.OnlineReader;
import io.millrace.featurestore.view.FeatureSet;
import io.millrace.featurestore.view.Generation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongPredicate;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Events dated ahead, on the keys of events that are not, against an obviously correct oracle. */
class AheadEventsTest {
  private static final String APP = "shop";
  private static final String STREAMS = "shop-feature-store-test";
  private static final long SECOND = 1_000;
  private static final long MINUTE = 60_000;
  private static final long HOUR = Definitions.HOUR;
  private static final long T = Definitions.T0 + HOUR;

  private static final List<String> FEATURES =
      List.of(
          "ahead.tumbling_1m",
          "ahead.n_10m",
          "ahead.n_1h",
          "ahead.sum_5",
          "ahead.session",
          "ahead.n",
          "ahead.decayed",
          "ahead.last");

  private final Generation generation = Generation.of(definition());
  private TopologyFixture fixture = started(generation);

  private static ApplicationDefinition definition() {
    ApplicationDefinition shop = Definitions.shop(APP, null, "1h");
    Map<String, FeatureDefinition> features =
        Map.of(
            "tumbling_1m", FeatureDefinition.of("count", null, "tumbling 1m"),
            "n_10m", FeatureDefinition.of("count", null, "10m"),
            "n_1h", FeatureDefinition.of("count", null, "1h"),
            "sum_5", FeatureDefinition.of("sum", "price", "5 events"),
            "session", FeatureDefinition.of("count", null, "session 20m"),
            "n", FeatureDefinition.of("count", null, "lifetime"),
            "decayed",
                new FeatureDefinition(
                    "decayed_count",
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    "10m",
                    null,
                    null,
                    null,
                    null),
            "last", FeatureDefinition.of("last", "item", null));
    return Definitions.withViews(
        shop,
        Map.of(
            "ahead",
            new FeatureViewDefinition("impression", "user", null, features, null, null),
            "items",
            new FeatureViewDefinition(
                "impression",
                "item",
                null,
                Map.of("n_10m", FeatureDefinition.of("count", null, "10m")),
                null,
                null)));
  }

  private static TopologyFixture started(Generation generation) {
    TopologyFixture fixture = new TopologyFixture(APP);
    return fixture.run(
        new FeatureTopology(generation, event -> 1, fixture.with, fixture.reads).get(), STREAMS);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Event event(int n, String user, long timeMs, long knownAtMs) {
    Event event = Definitions.impression(APP, "i" + n, user, "item" + n % 7, timeMs, n % 97);
    return new Event(APP, event.name(), event.id(), event.key(), timeMs, knownAtMs, event.data());
  }

  private OnlineRow read(String user, long asOfMs) {
    return new OnlineReader(fixture.stores, 1 << 20)
        .read(
            FeatureSet.of(generation, FEATURES),
            Map.of("user", new String[] {user}),
            new long[] {asOfMs},
            Duration.ofSeconds(1),
            block -> OnlineRow.of(block, 0));
  }

  private double count(String user, long asOfMs) {
    return ((Number) read(user, asOfMs).values().get(2)).doubleValue();
  }

  /** Keeps every event, and computes each feature from those that count at a moment. */
  private static final class Oracle {
    private final List<Event> events;

    /** Of a user, at a moment: what has happened and is known. */
    Oracle(List<Event> all, String user, long asOfMs) {
      events =
          all.stream()
              .filter(event -> user.equals(event.key()))
              .filter(event -> Math.max(event.eventTimeMs(), event.knownAtMs()) <= asOfMs)
              .sorted(Comparator.comparingLong(Event::eventTimeMs))
              .toList();
    }

    private double count(LongPredicate time) {
      return (double) events.stream().filter(each -> time.test(each.eventTimeMs())).count();
    }

    /** Whole tiles that touch the window. */
    double sliding(long lengthMs, long tileMs, long asOfMs) {
      long from = Math.floorDiv(asOfMs - lengthMs + 1, tileMs) * tileMs;
      return count(time -> time >= from && time <= asOfMs);
    }

    double tumbling(long lengthMs, long asOfMs) {
      long from = Math.floorDiv(asOfMs, lengthMs) * lengthMs;
      return count(time -> time >= from && time < from + lengthMs);
    }

    double sumOfNewest(int n) {
      return events.subList(Math.max(0, events.size() - n), events.size()).stream()
          .mapToDouble(each -> ((Number) each.data().get("price")).doubleValue())
          .sum();
    }

    double session(long gapMs, long asOfMs) {
      double inSession = 0;
      long before = Long.MIN_VALUE / 2;
      for (Event each : events) {
        inSession = each.eventTimeMs() - before > gapMs ? 1 : inSession + 1;
        before = each.eventTimeMs();
      }
      return before + gapMs >= asOfMs ? inSession : 0;
    }

    double decayed(long halfLifeMs, long asOfMs) {
      return events.stream()
          .mapToDouble(
              each -> Math.pow(2, -(double) (asOfMs - each.eventTimeMs()) / (double) halfLifeMs))
          .sum();
    }
  }

  private void equalsOracle(List<Event> sent, String user, long asOfMs) {
    Oracle oracle = new Oracle(sent, user, asOfMs);
    List<Object> values = read(user, asOfMs).values();
    assertThat(values.subList(0, 6))
        .as("%s at %s ms", user, asOfMs - T)
        .isEqualTo(
            List.of(
                oracle.tumbling(MINUTE, asOfMs),
                oracle.sliding(10 * MINUTE, 10 * SECOND, asOfMs),
                oracle.sliding(HOUR, MINUTE, asOfMs),
                oracle.sumOfNewest(5),
                oracle.session(20 * MINUTE, asOfMs),
                (double) oracle.events.size()));
    double decayed = oracle.decayed(10 * MINUTE, asOfMs);
    assertThat((double) values.get(6)).isCloseTo(decayed, within(1e-9 * (1 + decayed)));
    assertThat(values.get(7))
        .isEqualTo(oracle.events.isEmpty() ? null : oracle.events.getLast().data().get("item"));
  }

  /** Events of two users; of one, a producer's clock is ahead. Distinct times. */
  private static List<Event> stream(long aheadMs, long untilMs) {
    Random random = new Random(aheadMs);
    List<Event> events = new ArrayList<>();
    long now = T;
    while (now < untilMs) {
      now += 1 + random.nextInt(2 * (int) MINUTE);
      int n = events.size();
      String user = random.nextInt(4) == 0 ? "u2" : "u1";
      long time = now;
      if (user.equals("u1") && random.nextInt(6) == 0) {
        time += aheadMs + random.nextInt((int) MINUTE);
      } else if (random.nextInt(5) == 0) {
        time -= random.nextInt(3 * (int) MINUTE);
      }
      events.add(event(n, user, time, now));
    }
    return events;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 23})
  void read_oneProducerAheadOnTheSameKey_equalsOracleBeforeDuringAndAfter(int hours) {
    List<Event> events = stream(hours * HOUR, T + (hours + 2) * HOUR);
    List<Event> sent = new ArrayList<>();
    for (Event event : events) {
      fixture.passTo(event.knownAtMs());
      fixture.send(event);
      sent.add(event);
      equalsOracle(sent, "u1", event.knownAtMs());
      equalsOracle(sent, "u2", event.knownAtMs());
    }
    assertThat(fixture.stores.late).isEmpty();
    assertThat(fixture.board.of(STREAMS).tallies().get("held")).isPositive();
    // Nothing comes any more, and what is left still has its time.
    long last = sent.getLast().knownAtMs();
    for (long now = last + MINUTE; now < last + (hours + 1) * HOUR; now += 10 * MINUTE) {
      fixture.passTo(now + GroupProcessor.WRITTEN_WITHIN.toMillis());
      equalsOracle(sent, "u1", now);
    }
    assertThat(fixture.board.of(STREAMS).tallies())
        .containsEntry("held", 0L)
        .containsEntry("applied", 2L * sent.size());
    assertThat(fixture.measures.sums)
        .containsEntry("held impression-user", 0L)
        .containsEntry("held impression-item", 0L);
  }

  @Test
  void replay_ofTheTopics_makesTheSameHistoryAndStatesAsTheGenerationThatLivedThroughIt() {
    List<Event> events = stream(HOUR, T + 4 * HOUR);
    for (Event event : events) {
      fixture.passTo(event.knownAtMs());
      fixture.send(event);
    }
    fixture.passTo(T + 6 * HOUR);
    fixture.settle();
    InMemoryStores lived = fixture.stores;
    fixture.close();

    fixture = started(generation);
    fixture.passTo(T + 6 * HOUR);
    fixture.readUntilMs = ReadProgress.UNKNOWN;
    events.forEach(fixture::send);
    fixture.readUntilMs = Long.MAX_VALUE;
    fixture.pass(Duration.ofSeconds(1));
    fixture.settle();

    assertThat(InMemoryStores.texts(fixture.stores.history))
        .isEqualTo(InMemoryStores.texts(lived.history));
    assertThat(fixture.stores.history.values().stream().mapToInt(Map::size).sum())
        .isEqualTo(2 * events.size());
    assertThat(fixture.stores.online.keySet()).isEqualTo(lived.online.keySet());
    lived.online.forEach(
        (key, value) -> assertThat(fixture.stores.online.get(key)).as(key).isEqualTo(value));
  }

  @Test
  void read_quietPartition_countsTheEventOnceAllThatCameBeforeItMustHaveBeenRead() {
    fixture.passTo(T);
    fixture.send(event(1, "u1", T + HOUR, T));
    fixture.passTo(T + HOUR + 29 * SECOND);
    assertThat(count("u1", T + HOUR + 29 * SECOND)).isZero();
    assertThat(fixture.measures.sums).containsEntry("held impression-user", 1L);

    fixture.passTo(T + HOUR + 30 * SECOND);
    assertThat(count("u1", T + HOUR + 30 * SECOND)).isEqualTo(1);
    assertThat(fixture.measures.sums).containsEntry("held impression-user", 0L);
  }

  @Test
  void read_clockAheadByASecond_countsAtOnceAndByMoreIsHeld() {
    fixture.passTo(T);
    fixture.send(event(1, "u1", T + SECOND, T));
    assertThat(count("u1", T + SECOND)).isEqualTo(1);
    assertThat(fixture.measures.sums).doesNotContainKey("held impression-user");

    fixture.send(event(2, "u1", T + SECOND + 1, T));
    fixture.passTo(T + SECOND);
    assertThat(count("u1", T + SECOND + 1)).isEqualTo(1);
    assertThat(fixture.measures.sums).containsEntry("held impression-user", 1L);
  }

  /** Clocks are wrong by up to a second either way: nothing waits, and the topic's order holds. */
  @Test
  void read_clocksWrongByUpToASecond_historyIsInTheOrderOfTheTopic() {
    Random random = new Random(7);
    List<String> ids = new ArrayList<>();
    fixture.passTo(T);
    for (int n = 0; n < 300; n++) {
      long known = T + 100L * n;
      fixture.send(event(n, "u1", known + random.nextInt(2_001) - 1_000, known));
      ids.add("i" + n);
    }
    assertThat(count("u1", T + HOUR / 2)).isEqualTo(300);
    fixture.settle();
    assertThat(fixture.stores.history.values())
        .anySatisfy(
            rows ->
                assertThat(rows.values())
                    .extracting(HistoryRow::id)
                    .containsExactlyElementsOf(ids));
  }

  @Test
  void read_whatCameBeforeItIsStillUnread_waitsForItAndThenCountsInOrder() {
    fixture.passTo(T);
    fixture.send(event(1, "u1", T + HOUR, T));
    // The service was away: the clock is past the event's time, and the events before it are
    // unread.
    fixture.readUntilMs = T + 10 * MINUTE;
    fixture.passTo(T + 2 * HOUR);
    for (int n = 2; n < 32; n++) {
      fixture.send(event(n, "u1", T + n * MINUTE, T + n * MINUTE));
    }
    assertThat(count("u1", T + 32 * MINUTE)).isEqualTo(30);
    fixture.send(event(40, "u1", T + HOUR + SECOND, T + HOUR + SECOND));
    assertThat(fixture.board.of(STREAMS).tallies()).containsEntry("held", 0L);
    fixture.settle();
    assertThat(fixture.stores.history.values())
        .anySatisfy(
            rows ->
                assertThat(rows.values())
                    .extracting(HistoryRow::id)
                    .endsWith("i30", "i31", "i1", "i40"));
  }

  @Test
  void process_importOfHistoryDatedAhead_isHeldToo() {
    fixture.passTo(T);
    // History is called known when it happened.
    fixture.send(event(1, "u1", T + HOUR, T + HOUR), T);
    fixture.send(event(2, "u1", T + SECOND, T + SECOND));
    fixture.send(event(3, "u1", T - 9 * MINUTE, T + SECOND));

    assertThat(fixture.stores.late).isEmpty();
    assertThat(count("u1", T + SECOND)).isEqualTo(2);
    fixture.send(event(4, "u2", T + HOUR, T + HOUR));
    assertThat(count("u1", T + HOUR)).isEqualTo(2);
  }

  @Test
  void process_emittedView_answersTheEventWhenItsTimeHasCome() throws java.io.IOException {
    fixture.close();
    Generation emitting = Generation.of(Definitions.emitting(definition(), "ahead"));
    fixture = started(emitting);
    fixture.send(event(1, "u1", T + HOUR, T));
    fixture.send(event(2, "u1", T + 30 * SECOND, T + 30 * SECOND));
    fixture.send(event(3, "u1", T + HOUR + MINUTE, T + HOUR + MINUTE));

    List<TestRecord<String, byte[]>> answers =
        fixture.harness().output(fixture.topics.features()).readRecordsToList();
    List<String> said = new ArrayList<>();
    for (TestRecord<String, byte[]> answer : answers) {
      JsonNode body = Json.mapper().readTree(answer.value());
      said.add(
          new String(
                  answer.headers().lastHeader("ce_id").value(),
                  java.nio.charset.StandardCharsets.UTF_8)
              + " "
              + body.get("version").asLong()
              + " "
              + body.get("features").get("n_1h").asLong());
    }
    assertThat(said).containsExactly("i2 1 1", "i1 2 2", "i3 3 2");
    assertThat(answers.get(1).timestamp()).isEqualTo(T + HOUR);
  }
}
