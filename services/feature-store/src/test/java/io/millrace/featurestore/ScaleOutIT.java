// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.serde.Json;
import io.millrace.common.topic.Topics;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A second and a third instance join under load and one is killed: afterwards every instance that
 * is left answers what plain loops over the events give, each event was answered once, and a record
 * that is none, in the middle, has become a dead letter. Prints how long it took until a new
 * instance had its share and until the others had that of the dead.
 */
@RequiresBackends(kafka = true, redis = true, cassandra = true)
class ScaleOutIT {
  private static final Duration LIMIT = LiveBackends.LIMIT;
  private static final int USERS = 60;
  private static final int ITEMS = 12;
  private static final int BATCH = 25;
  private static final Duration BATCH_EVERY = Duration.ofMillis(50);
  private static final long STEP_MS = 10;

  /** Two views: by the record key, and by another key through a repartition topic. */
  private static final long APPLIED_PER_EVENT = 2;

  private static final List<String> NAMES =
      List.of(
          "user_impressions.n_1h",
          "user_impressions.price_sum_1d",
          "user_impressions.last_item",
          "item_impressions.n_1h",
          "item_impressions.price_max_1d");

  @TempDir Path folder;

  private final String app = Backends.uniqueName("shop");
  private final Topics topics = new Topics(app);
  private final List<Event> sent = Collections.synchronizedList(new ArrayList<>());

  @Test
  void instances_addedAndOneKilledUnderLoad_equalTheOracle()
      throws IOException, InterruptedException {
    try (LiveBackends live = new LiveBackends();
        RunningFeatureStore one = instance("one");
        RunningFeatureStore two = instance("two");
        RunningFeatureStore three = instance("three")) {
      live.apply(Definitions.emitting(Definitions.shop(app), "user_impressions"), 1);
      one.start();
      try (PacedSender load = load(live)) {
        Await.until(() -> applied(one) > 0, LIMIT, one::tail);
        joins(two, "second", List.of(one), load);
        live.poison(topics.events("impression").name(), "u1");
        joins(three, "third", List.of(one, two), load);

        two.kill();
        long killed = System.nanoTime();
        int sentBefore = load.taken();
        Await.until(
            () -> seenByAll(one, sentBefore),
            LIMIT,
            () -> "nobody went on with the share of the dead: " + one.tail());
        say("the share of a killed instance of three is taken over", killed);
      }
      long ended = System.nanoTime();
      // What the dead instance had of the share is with the others, nothing of it twice.
      Await.until(
          () -> applied(one) + applied(three) == APPLIED_PER_EVENT * sent.size(),
          LIMIT,
          () ->
              "applied %d and %d of %d"
                  .formatted(applied(one), applied(three), APPLIED_PER_EVENT * sent.size()));
      say("all " + sent.size() + " events applied after the last was sent", ended);
      assertThat(applied(one)).isPositive();
      assertThat(applied(three)).isPositive();

      answersEachEventOnce(live);
      thePoisonIsADeadLetter(live);
      for (RunningFeatureStore each : List.of(one, three)) {
        onlineEqualsOracle(each);
      }
    }
  }

  private RunningFeatureStore instance(String name) throws IOException {
    return LiveBackends.service(
        app, Backends.redis().uri(), folder.resolve(name), Map.of("MILLRACE_INSTANCE", name));
  }

  /** Starts an instance under load and waits until all of them have a share that goes on. */
  private void joins(
      RunningFeatureStore joining, String which, List<RunningFeatureStore> others, PacedSender load)
      throws IOException {
    joining.start();
    long ready = System.nanoTime();
    Await.until(() -> applied(joining) > 0, LIMIT, joining::tail);
    int sentBefore = load.taken();
    Await.until(
        () -> seenByAll(joining, sentBefore),
        LIMIT,
        () -> "not all shares go on: " + joining.tail());
    others.forEach(other -> assertThat(applied(other)).isPositive());
    say("the %s instance is ready and has its share".formatted(which), ready);
  }

  private static void say(String what, long sinceNanos) {
    System.out.printf(
        Locale.ROOT, "scale-out: %s: %.1f s%n", what, (System.nanoTime() - sinceNanos) / 1e9);
  }

  private PacedSender load(LiveBackends live) {
    Random random = new Random(5);
    return new PacedSender(
        live,
        topics,
        sent,
        BATCH,
        BATCH_EVERY,
        number ->
            Definitions.impression(
                app,
                "i" + number,
                "u" + random.nextInt(USERS),
                "item" + random.nextInt(ITEMS),
                Definitions.T0 + number * STEP_MS,
                random.nextInt(1000) / 8.0));
  }

  private String path(String rest) {
    return "/v1/applications/" + app + rest;
  }

  private long applied(RunningFeatureStore service) {
    try {
      return service.get(path("/progress")).get("applied").asLong();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private JsonNode online(RunningFeatureStore service, long at)
      throws IOException, InterruptedException {
    List<Map<String, String>> entities = new ArrayList<>();
    for (int i = 0; i < USERS; i++) {
      entities.add(Map.of("user", "u" + i, "item", "item" + i % ITEMS));
    }
    return service
        .post(path("/features:online"), Map.of("features", NAMES, "entities", entities, "at", at))
        .get("rows");
  }

  /** Whether every user and item has, online, at least those of its events that were sent first. */
  private boolean seenByAll(RunningFeatureStore service, int events) {
    JsonNode rows;
    try {
      rows = online(service, Definitions.T0 + events * STEP_MS);
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    Map<String, Long> expected = new HashMap<>();
    for (Event event : List.copyOf(sent).subList(0, events)) {
      expected.merge("user_impressions:" + event.data().get("user"), 1L, Long::sum);
      expected.merge("item_impressions:" + event.data().get("item"), 1L, Long::sum);
    }
    for (int i = 0; i < USERS; i++) {
      JsonNode states = rows.get(i).get("states");
      for (String key : List.of("user_impressions:u" + i, "item_impressions:item" + i % ITEMS)) {
        if (states.path(key).asLong() < expected.getOrDefault(key, 0L)) {
          return false;
        }
      }
    }
    return true;
  }

  private void thePoisonIsADeadLetter(LiveBackends live) {
    assertThat(live.deadLetters(topics, 1))
        .extracting(EventRejected::reason)
        .containsExactly("malformed");
  }

  private void onlineEqualsOracle(RunningFeatureStore service)
      throws IOException, InterruptedException {
    JsonNode rows = online(service, Definitions.T0 + sent.size() * STEP_MS);
    for (int i = 0; i < USERS; i++) {
      JsonNode values = rows.get(i).get("values");
      List<Event> ofUser = of("user", "u" + i);
      List<Event> ofItem = of("item", "item" + i % ITEMS);
      assertThat(values.get(0).asLong()).as("u" + i).isEqualTo(ofUser.size());
      assertThat(values.get(1).asDouble())
          .isCloseTo(ofUser.stream().mapToDouble(ScaleOutIT::price).sum(), within(1e-6));
      assertThat(values.get(2).asString()).isEqualTo(ofUser.getLast().data().get("item"));
      assertThat(values.get(3).asLong()).isEqualTo(ofItem.size());
      assertThat(values.get(4).asDouble())
          .isEqualTo(ofItem.stream().mapToDouble(ScaleOutIT::price).max().orElseThrow());
    }
  }

  private static double price(Event event) {
    return (double) event.data().get("price");
  }

  private List<Event> of(String entity, String key) {
    return sent.stream().filter(event -> key.equals(event.data().get(entity))).toList();
  }

  /** One answer for each event, a user's in order, each with the sum of all before it. */
  private void answersEachEventOnce(LiveBackends live) {
    Map<String, Double> price = new HashMap<>();
    sent.forEach(event -> price.put(event.id(), price(event)));
    Map<String, Long> versions = new HashMap<>();
    Map<String, Double> sums = new HashMap<>();
    int answers = 0;
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            live.kafka.consumer(app + "-oracle"),
            topics.features().keySerde().deserializer(),
            topics.features().valueSerde().deserializer())) {
      consumer.subscribe(List.of(topics.features().name()));
      int[] seen = new int[1];
      Await.until(
          () -> {
            for (ConsumerRecord<String, byte[]> each : consumer.poll(Duration.ofMillis(200))) {
              seen[0]++;
              String id =
                  new String(each.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8);
              JsonNode body = Json.mapper().readTree(each.value());
              long version = versions.merge(each.key(), 1L, Long::sum);
              assertThat(body.get("version").asLong()).as(each.key()).isEqualTo(version);
              double sum = sums.merge(each.key(), price.get(id), Double::sum);
              assertThat(body.get("features").get("price_sum_1d").asDouble())
                  .as(id)
                  .isCloseTo(sum, within(1e-6));
            }
            return seen[0] >= sent.size();
          },
          LIMIT,
          () -> seen[0] + " answers to " + sent.size() + " events");
      answers = seen[0];
    }
    assertThat(answers).isEqualTo(sent.size());
  }
}
