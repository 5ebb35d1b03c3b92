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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A definition that changes while events flow: the former answers until the next has caught up. */
@RequiresBackends(kafka = true, redis = true, cassandra = true)
class DefinitionChangeIT {
  private static final int EVENTS = 3000;
  private static final long STEP_MS = 3_000;
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
      try (RedisOnlineStore redis = new RedisOnlineStore(Backends.redis().uri())) {
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
