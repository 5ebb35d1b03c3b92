// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.adapter.redis.RedisOnlineStore;
import io.millrace.featurestore.online.OnlineKey;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A definition that changes while events flow: the former answers until the next has caught up. */
@RequiresBackends(kafka = true, redis = true, cassandra = true)
class DefinitionChangeIT {
  private static final int EVENTS = 3000;
  private static final long STEP_MS = 3_000;
  private static final int FLOW_EVENTS = 40;
  private static final int FLOW_MS = 100;

  /** By how many events of one user the next version may be behind when it takes over. */
  private static final int HANDOVER_EVENTS = 200;

  private static final long END = Definitions.T0 + EVENTS * STEP_MS;

  @TempDir Path folder;

  private final String app = Backends.uniqueName("shop");
  private final ApplicationDefinition before = Definitions.shop(app);
  private final ApplicationDefinition after =
      Definitions.shop(app, Definitions.shopLabel("45m"), "2h");

  @Test
  void applied_otherWindow_isComputedFromTheBeginningAndTakesOverWithoutAGap()
      throws IOException, InterruptedException, ExecutionException {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      events.add(
          Definitions.impression(
              app, "i" + i, "u" + i % 20, "item" + i % 7, Definitions.T0 + i * STEP_MS, i % 9));
    }
    Topics topics = new Topics(app);
    try (LiveBackends live = new LiveBackends();
        RunningFeatureStore service =
            LiveBackends.service(app, Backends.redis().uri(), folder.resolve("data"))) {
      live.apply(before, 1);
      live.send(topics, events.subList(0, EVENTS - 500));
      service.start();
      awaitCount(service, 0, EVENTS - 500);
      assertThat(answered(service)).isEqualTo(Generation.of(before).hash());

      live.apply(after, 2);
      live.send(topics, events.subList(EVENTS - 500, EVENTS));
      Await.until(
          // Each look is an answer: one that fails ends the test.
          () -> {
            count(service, 1);
            return answered(service).equals(Generation.of(after).hash());
          },
          LiveBackends.LIMIT,
          () -> "the former definition still answers");
      awaitCount(service, 1, EVENTS);

      String former = app + "-feature-store-features-" + Generation.of(before).hash();
      Await.until(
          () ->
              live.admin.listTopics().names().get().stream()
                  .noneMatch(topic -> topic.startsWith(former)),
          LiveBackends.LIMIT,
          () -> "internal topics of the former are left");
      try (RedisOnlineStore redis = new RedisOnlineStore(Backends.redis().uri(), 0)) {
        Await.until(
            () -> stored(redis, before) == null && stored(redis, after) != null,
            LiveBackends.LIMIT,
            () -> "online keys of the former are left");
      }

      service.kill();
      service.start();
      Await.until(
          () -> service.status(path("/catalogue")) == 200, LiveBackends.LIMIT, () -> "no answer");
      assertThat(answered(service)).isEqualTo(Generation.of(after).hash());
      awaitCount(service, 1, EVENTS);
    }
  }

  /** Adds, changes and removes a view while events flow and vectors are read all the time. */
  @Test
  void applied_viewAddedChangedAndRemovedUnderTraffic_equalsTheOracleWithoutAGap()
      throws IOException, InterruptedException {
    Topics topics = new Topics(app);
    ApplicationDefinition added = Definitions.withUserItems(before, "1h");
    ApplicationDefinition changed = Definitions.withUserItems(before, "2h");
    AtomicInteger sent = new AtomicInteger();
    try (LiveBackends live = new LiveBackends();
        RunningFeatureStore service =
            LiveBackends.service(app, Backends.redis().uri(), folder.resolve("data"));
        ScheduledExecutorService traffic = Executors.newSingleThreadScheduledExecutor()) {
      live.apply(before, 1);
      service.start();
      Await.until(
          () -> service.status(path("/catalogue")) == 200, LiveBackends.LIMIT, service::tail);
      traffic.scheduleWithFixedDelay(
          () -> {
            List<Event> some = new ArrayList<>();
            for (int i = sent.get(); some.size() < FLOW_EVENTS; i++) {
              some.add(flowing(i));
            }
            live.send(topics, some);
            sent.addAndGet(FLOW_EVENTS);
          },
          0,
          FLOW_MS,
          TimeUnit.MILLISECONDS);
      Await.until(
          () ->
              service.postStatus(path("/features:online"), question("user_impressions.n_1h", 1))
                      == 200
                  && read(service, "user_impressions.n_1h", 1) > 0,
          LiveBackends.LIMIT,
          service::tail);

      takesOver(live, service, added, 2);
      assertThat(read(service, "user_items.items", 1)).isPositive();
      takesOver(live, service, changed, 3);
      takesOver(live, service, before, 4);
      assertThat(service.postStatus(path("/features:online"), question("user_items.items", 1)))
          .isBetween(400, 499);
      takesOver(live, service, added, 5);

      traffic.shutdown();
      assertThat(traffic.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
      int all = sent.get();
      Await.until(
          () ->
              service.get(path("/progress")).get("applied").asLong() == 2L * all
                  && !service.get(path("/progress")).get("rolling").asBoolean(),
          LiveBackends.LIMIT,
          () -> progress(service));
      for (int user = 0; user < 20; user++) {
        int count = (all - user + 19) / 20;
        assertThat(read(service, "user_impressions.n_1h", user)).isEqualTo(count);
        Set<String> items = new HashSet<>();
        for (int i = user; i < all; i += 20) {
          items.add(String.valueOf(flowing(i).data().get("item")));
        }
        assertThat(read(service, "user_items.items", user)).isEqualTo(items.size());
      }
    }
  }

  private Event flowing(int i) {
    return Definitions.impression(
        app, "f" + i, "u" + i % 20, "item" + i % 7, Definitions.T0 + i * 20L, i % 9);
  }

  /**
   * Applies a definition and reads until it answers: every read is answered, and nothing is lost.
   */
  private void takesOver(
      LiveBackends live, RunningFeatureStore service, ApplicationDefinition next, int version) {
    live.apply(next, version);
    double[] most = {0};
    int[] reads = {0};
    Await.until(
        () -> {
          double now = read(service, "user_impressions.n_1h", 1);
          assertThat(now).isGreaterThan(most[0] - HANDOVER_EVENTS);
          most[0] = Math.max(most[0], now);
          reads[0]++;
          return answered(service).equals(Generation.of(next).hash());
        },
        LiveBackends.LIMIT,
        () -> "version " + version + " does not answer: " + progress(service));
    assertThat(reads[0]).isPositive();
  }

  private static Map<String, Object> question(String feature, int user) {
    return Map.of(
        "features",
        List.of(feature),
        "entities",
        List.of(Map.of("user", "u" + user)),
        "at",
        Definitions.T0 + Definitions.HOUR - 1);
  }

  private double read(RunningFeatureStore service, String feature, int user)
      throws IOException, InterruptedException {
    return service
        .post(path("/features:online"), question(feature, user))
        .get("rows")
        .get(0)
        .get("values")
        .get(0)
        .asDouble();
  }

  private String path(String rest) {
    return "/v1/applications/" + app + rest;
  }

  private String answered(RunningFeatureStore service) throws IOException, InterruptedException {
    return service.get(path("/catalogue")).get("generation").asString();
  }

  private static byte @org.jspecify.annotations.Nullable [] stored(
      RedisOnlineStore redis, ApplicationDefinition definition) {
    Generation generation = Generation.of(definition);
    FeatureGroup group = Objects.requireNonNull(generation.find("user_impressions")).group();
    return redis
        .read(List.of(OnlineKey.of(OnlineKey.prefix(generation, group), "u1")))
        .toCompletableFuture()
        .join()
        .getFirst();
  }

  /** Impressions of a user in the window of the definition that answers. */
  private double count(RunningFeatureStore service, int user)
      throws IOException, InterruptedException {
    JsonNode answer =
        service.post(
            path("/features:online"),
            Map.of(
                "features",
                List.of("user_impressions.n_1h"),
                "entities",
                List.of(Map.of("user", "u" + user)),
                "at",
                END));
    return answer.get("rows").get(0).get("values").get(0).asDouble();
  }

  /** Waits until all events are applied, then compares with a count over them. */
  private void awaitCount(RunningFeatureStore service, int user, int sent)
      throws IOException, InterruptedException {
    Await.until(
        () ->
            service.status(path("/progress")) == 200
                && service.get(path("/progress")).get("applied").asLong() == 2L * sent
                && !service.get(path("/progress")).get("rolling").asBoolean(),
        LiveBackends.LIMIT,
        () -> progress(service));
    long windowMs =
        answered(service).equals(Generation.of(after).hash())
            ? 2 * Definitions.HOUR
            : Definitions.HOUR;
    long expected = 0;
    for (int i = user; i < sent; i += 20) {
      expected += Definitions.T0 + i * STEP_MS > END - windowMs ? 1 : 0;
    }
    // The tail is tile-granular: at most 1/60 of the window more.
    assertThat(count(service, user)).isBetween((double) expected, expected * 61.0 / 60 + 1);
  }

  private String progress(RunningFeatureStore service) {
    try {
      return service.get(path("/progress")) + "\n" + service.tail();
    } catch (IOException e) {
      return e + "\n" + service.tail();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
