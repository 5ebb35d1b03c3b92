// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.topic.Topics;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import io.millrace.testkit.backend.TopicRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * One entity's state grows to several megabytes while the service is killed, comes back, and is
 * taken over by another instance that has nothing but the changelog: every value equals what plain
 * sets and lists of the events give, no stream thread has failed, and no record of the changelog is
 * larger than Kafka takes.
 */
@RequiresBackends(kafka = true, redis = true, cassandra = true)
class LargeStatesIT {
  private static final Duration LIMIT = LiveBackends.LIMIT;
  private static final int EVENTS = 80_000;

  /** One event in so many brings a long text. */
  private static final int TEXT_EVERY = 66;

  private static final int TEXTS = 1_000;
  private static final int DISTINCT_MAX = 100_000;
  private static final int RECORD_MAX = 600 * 1024;
  private static final List<String> NAMES =
      List.of("large.ids_30d", "large.ids_day", "large.texts", "large.n_1h", "large.newest");

  @TempDir Path folder;

  private final String app = Backends.uniqueName("large");
  private final Topics topics = new Topics(app);
  private final List<Event> sent = new ArrayList<>();

  private ApplicationDefinition definition() {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    features.put(
        "ids_30d", Definitions.bounded("count_distinct", "impressionId", "30d", DISTINCT_MAX));
    features.put(
        "ids_day",
        Definitions.bounded(
            "count_distinct", "impressionId", "calendar day Europe/London", DISTINCT_MAX));
    features.put("texts", Definitions.bounded("last_n", "item", null, TEXTS));
    features.put("n_1h", FeatureDefinition.of("count", null, "1h"));
    features.put("newest", FeatureDefinition.of("last", "impressionId", null));
    return Definitions.only(
        app,
        Map.of(
            "large", new FeatureViewDefinition("impression", "user", null, features, null, null)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly_once_v2", "at_least_once"})
  void state_growsToMegabytesThroughKillAndTakeover_equalsTheOracle(String guarantee)
      throws IOException, InterruptedException {
    try (LiveBackends live = new LiveBackends();
        RunningFeatureStore one = instance("one", guarantee);
        RunningFeatureStore two = instance("two", guarantee)) {
      live.apply(definition(), 1);
      one.start();
      send(live, EVENTS / 2);
      Await.until(() -> isUpToDate(one), LIMIT, one::tail);

      send(live, EVENTS / 4);
      one.kill();
      one.start();
      Await.until(() -> isUpToDate(one), LIMIT, one::tail);

      two.start();
      send(live, EVENTS / 4);
      one.kill();
      Await.until(() -> isUpToDate(two), LIMIT, two::tail);

      boolean exactlyOnce = guarantee.equals("exactly_once_v2");
      equalsOracle(online(two), exactlyOnce);
      assertThat(one.log() + two.log()).doesNotContain("a stream thread failed");
      changelogHasSmallRecordsOnly(live, exactlyOnce);
    }
  }

  private RunningFeatureStore instance(String name, String guarantee) throws IOException {
    return LiveBackends.service(
        app,
        Backends.redis().uri(),
        folder.resolve(name),
        Map.of("MILLRACE_INSTANCE", name, "MILLRACE_PROCESSING_GUARANTEE", guarantee));
  }

  private void send(LiveBackends live, int count) {
    List<Event> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = sent.size() + i;
      Map<String, Object> data = new HashMap<>();
      data.put("impressionId", "id" + number * 7 % (EVENTS * 3 / 4));
      data.put("user", "u1");
      if (number % TEXT_EVERY == 0) {
        data.put("item", "text " + number + "x".repeat(3_000));
      }
      long time = Definitions.T0 + number * 1_000L;
      batch.add(new Event(app, "impression", "i" + number, "u1", time, time + 5, data));
    }
    sent.addAll(batch);
    live.send(topics, batch);
  }

  private JsonNode online(RunningFeatureStore service) throws IOException, InterruptedException {
    return service
        .post(
            "/v1/applications/" + app + "/features:online",
            Map.of(
                "features",
                NAMES,
                "entities",
                List.of(Map.of("user", "u1")),
                "at",
                sent.getLast().eventTimeMs()))
        .get("rows")
        .get(0)
        .get("values");
  }

  /** Whether the newest event is in the online store; one key's events are applied in order. */
  private boolean isUpToDate(RunningFeatureStore service) {
    try {
      JsonNode newest = online(service).get(4);
      return newest.asString("").equals(sent.getLast().data().get("impressionId"));
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void equalsOracle(JsonNode values, boolean exactlyOnce) {
    Set<Object> ids = new HashSet<>();
    List<String> texts = new ArrayList<>();
    sent.forEach(
        event -> {
          ids.add(event.data().get("impressionId"));
          if (event.data().get("item") instanceof String text) {
            texts.add(text);
          }
        });
    assertThat(values.get(0).asLong()).isEqualTo(ids.size());
    assertThat(values.get(1).asLong()).as("all are of one day").isEqualTo(ids.size());
    List<String> kept = new ArrayList<>();
    values.get(2).forEach(text -> kept.add(text.asString()));
    assertThat(kept).hasSize(TEXTS);
    long lastHour = sent.size() - sent.stream().filter(this::isBeforeTheLastHour).count();
    if (exactlyOnce) {
      assertThat(values.get(3).asLong()).isEqualTo(lastHour);
    } else {
      // What came since the last commit before a kill may be there twice, beside its first time.
      assertThat(values.get(3).asLong()).isGreaterThanOrEqualTo(lastHour);
    }
    List<String> once = exactlyOnce ? kept : new ArrayList<>(new LinkedHashSet<>(kept));
    for (int i = 0; i < once.size(); i++) {
      String text = once.get(i);
      assertThat(text).hasSize(1_024);
      assertThat(texts.get(texts.size() - 1 - i)).startsWith(text.substring(0, 1_007));
    }
  }

  /** Beyond the window's tile that is counted as a whole. */
  private boolean isBeforeTheLastHour(Event event) {
    long first = sent.getLast().eventTimeMs() - 3_600_000 + 1;
    return event.eventTimeMs() < first - Math.floorMod(first, 60_000);
  }

  private void changelogHasSmallRecordsOnly(LiveBackends live, boolean inSegments)
      throws InterruptedException {
    int segments = 0;
    int parts = 0;
    long largest = 0;
    for (String topic : changelogs(live)) {
      for (ConsumerRecord<byte[], byte[]> each : TopicRecords.bytes(live.kafka, topic)) {
        largest = Math.max(largest, each.serializedValueSize());
        if (each.key()[0] == 's') {
          // Behind the length of the entity's key and the key: what it is.
          boolean isSegment = each.key()[3 + "u1".length()] == 1;
          segments += isSegment ? 1 : 0;
          parts += isSegment ? 0 : 1;
        }
      }
    }
    assertThat(parts).as("of heads or of whole states").isPositive();
    assertThat(segments > 0).isEqualTo(inSegments);
    assertThat(largest).isBetween(100_000L, (long) RECORD_MAX);
  }

  private List<String> changelogs(LiveBackends live) throws InterruptedException {
    try {
      return live.admin.listTopics().names().get().stream()
          .filter(topic -> topic.startsWith(app))
          .filter(topic -> topic.endsWith("state-impression-user-changelog"))
          .toList();
    } catch (ExecutionException e) {
      throw new AssertionError("cannot list the topics", e);
    }
  }
}
