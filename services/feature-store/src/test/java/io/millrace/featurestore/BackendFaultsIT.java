// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.common.contract.Event;
import io.millrace.common.topic.Topics;
import io.millrace.datasets.Dataset;
import io.millrace.local.Backend;
import io.millrace.local.BackendOptions;
import io.millrace.local.Lifetime;
import io.millrace.local.LocalCassandra;
import io.millrace.local.LocalRedis;
import io.millrace.local.MillraceHome;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Under load Redis hangs, then Cassandra hangs, and then it is killed and comes back. While one
 * hangs its process is stopped, its connections stay open, and nothing that is sent to it is
 * refused. Afterwards every online value, and every row of a dataset that was asked for while
 * Cassandra was gone, equals the oracle, and each event has been counted once.
 */
@RequiresBackends(kafka = true)
class BackendFaultsIT {
  private static final Duration LIMIT = LiveBackends.LIMIT;
  private static final int USERS = 40;
  private static final int ITEMS = 9;
  private static final int BATCH = 25;
  private static final Duration BATCH_EVERY = Duration.ofMillis(100);
  private static final long STEP_MS = 100;
  private static final int ROWS = 100;

  /**
   * Longer than everything that ends by time: a command to Redis (3 s), a request to Cassandra (3
   * s) and a write that is tried again (6 s), what a commit waits for both (8 s), the session of a
   * consumer (10 s) and a transaction (15 s). To hang for longer would only repeat what happens
   * after that.
   */
  private static final Duration HANGS = Duration.ofSeconds(16);

  @TempDir Path folder;

  private final String app = Backends.uniqueName("shop");
  private final Topics topics = new Topics(app);
  private final List<Event> sent = Collections.synchronizedList(new ArrayList<>());

  @Test
  void backends_hangAndAreKilledUnderLoad_nothingIsLostOrCountedTwice()
      throws IOException, InterruptedException {
    LocalRedis redis = new LocalRedis(MillraceHome.find(), options("redis"));
    LocalCassandra cassandra = new LocalCassandra(MillraceHome.find(), options("cassandra"));
    try (LiveBackends live = new LiveBackends()) {
      redis.start();
      cassandra.start();
      redis.awaitReady(LIMIT);
      cassandra.awaitReady(LIMIT);
      try (RunningFeatureStore service = service(redis, cassandra)) {
        live.apply(Definitions.shop(app), 1);
        service.start();
        String dataset = underLoad(live, () -> faults(service, redis, cassandra));
        allIsAsItShouldBe(service, dataset);
      }
    } finally {
      for (Backend each : List.of(redis, cassandra)) {
        if (each.pid().isPresent()) {
          signal(each, "CONT");
        }
        each.stop();
      }
    }
  }

  private RunningFeatureStore service(LocalRedis redis, LocalCassandra cassandra)
      throws IOException {
    return LiveBackends.service(
        app,
        redis.uri(),
        folder.resolve("data"),
        Map.of(
            "MILLRACE_CASSANDRA",
            cassandra.address(),
            "MILLRACE_CASSANDRA_DATACENTER",
            LocalCassandra.DATACENTER,
            "MILLRACE_ONLINE_DEADLINE",
            "2s",
            "MILLRACE_PARITY_SHARE",
            "1"));
  }

  /** Something that takes its time. */
  @FunctionalInterface
  private interface Doing<T> {
    T done() throws IOException, InterruptedException;
  }

  private <T> T underLoad(LiveBackends live, Doing<T> something)
      throws IOException, InterruptedException {
    try (PacedSender _ = load(live)) {
      return something.done();
    }
  }

  /** The dataset that was asked for while Cassandra was gone. */
  private String faults(RunningFeatureStore service, LocalRedis redis, LocalCassandra cassandra)
      throws IOException, InterruptedException {
    Await.until(() -> applied(service) > 0 && online(service) == 200, LIMIT, service::tail);
    String spine = sendSpine(service);
    hangs(redis, service, 503);
    hangs(cassandra, service, 200);

    cassandra.kill();
    isNotReady(service);
    String dataset =
        service
            .post(
                path("/datasets"),
                Map.of("spine", spine, "features", List.of("user_impressions.price_sum_1d")))
            .get("datasetId")
            .asString();
    Await.until(
        () -> job(service, dataset).get("status").asString().equals("RUNNING"),
        LIMIT,
        service::tail);
    cassandra.start();
    cassandra.awaitReady(LIMIT);
    isReady(service);
    return dataset;
  }

  /** Has a backend hang for a while; online reads are answered with a status meanwhile. */
  private void hangs(Backend backend, RunningFeatureStore service, int online)
      throws IOException, InterruptedException {
    signal(backend, "STOP");
    long until = System.nanoTime() + HANGS.toNanos();
    isNotReady(service);
    assertThat(online(service)).as(backend.name() + " hangs").isEqualTo(online);
    LockSupport.parkNanos(until - System.nanoTime());
    signal(backend, "CONT");
    isReady(service);
  }

  private void allIsAsItShouldBe(RunningFeatureStore service, String dataset)
      throws IOException, InterruptedException {
    Await.until(
        () -> applied(service) == 2L * sent.size(),
        LIMIT,
        () -> "applied %d of %d".formatted(applied(service), 2L * sent.size()));
    assertThat(service.get(path("/progress")).get("late").asLong()).isZero();
    onlineEqualsOracle(service);
    datasetEqualsOracle(service, dataset);
    Await.until(
        () -> service.get(path("/parity")).get("checked").asLong() > 0,
        LIMIT,
        () -> "the parity meter does not go on");
    JsonNode parity = service.get(path("/parity"));
    assertThat(parity.get("mismatching").asLong()).as(parity.toString()).isZero();
  }

  private BackendOptions options(String name) {
    return new BackendOptions(folder.resolve(name), 0, 512, Lifetime.ofThisProcess());
  }

  private static void signal(Backend backend, String name)
      throws IOException, InterruptedException {
    long pid = backend.pid().orElseThrow();
    int status =
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start().waitFor();
    assertThat(status).as("kill -" + name + " of " + backend.name()).isZero();
  }

  private static void isNotReady(RunningFeatureStore service) {
    Await.until(
        () -> service.status("/actuator/health/readiness") == 503, LIMIT, () -> "still ready");
  }

  private static void isReady(RunningFeatureStore service) {
    Await.until(() -> service.status("/actuator/health/readiness") == 200, LIMIT, service::tail);
  }

  private PacedSender load(LiveBackends live) {
    Random random = new Random(3);
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

  /** With what status a read of a user is answered. */
  private int online(RunningFeatureStore service) throws IOException, InterruptedException {
    return service.postStatus(
        path("/features:online"),
        Map.of(
            "features",
            List.of("user_impressions.n_1h"),
            "entities",
            List.of(Map.of("user", "u1"))));
  }

  private long applied(RunningFeatureStore service) {
    try {
      return service.get(path("/progress")).get("applied").asLong();
    } catch (IOException e) {
      return -1;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Moments that have passed before the dataset is asked for. */
  private static long moment(int row) {
    return Definitions.T0 + (row + 1) * 20 * STEP_MS;
  }

  private String sendSpine(RunningFeatureStore service) throws IOException, InterruptedException {
    StringBuilder csv = new StringBuilder("user,moment\n");
    for (int row = 0; row < ROWS; row++) {
      csv.append("u").append(row % USERS).append(',').append(moment(row)).append('\n');
    }
    return service
        .send(path("/datasets/spines"), csv.toString().getBytes(StandardCharsets.UTF_8))
        .get("id")
        .asString();
  }

  private static double price(Event event) {
    return (double) event.data().get("price");
  }

  private double sum(String user, long knownTo) {
    return sent.stream()
        .filter(each -> user.equals(each.key()) && each.knownAtMs() <= knownTo)
        .mapToDouble(BackendFaultsIT::price)
        .sum();
  }

  private void onlineEqualsOracle(RunningFeatureStore service)
      throws IOException, InterruptedException {
    List<Map<String, String>> entities = new ArrayList<>();
    for (int i = 0; i < USERS; i++) {
      entities.add(Map.of("user", "u" + i, "item", "item" + i % ITEMS));
    }
    JsonNode rows =
        service
            .post(
                path("/features:online"),
                Map.of(
                    "features",
                    List.of("user_impressions.price_sum_1d", "item_impressions.price_max_1d"),
                    "entities",
                    entities,
                    "at",
                    Definitions.T0 + sent.size() * STEP_MS))
            .get("rows");
    for (int i = 0; i < USERS; i++) {
      JsonNode values = rows.get(i).get("values");
      assertThat(values.get(0).asDouble())
          .as("u" + i)
          .isCloseTo(sum("u" + i, Long.MAX_VALUE), within(1e-6));
      String item = "item" + i % ITEMS;
      assertThat(values.get(1).asDouble())
          .as(item)
          .isEqualTo(
              sent.stream()
                  .filter(each -> item.equals(each.data().get("item")))
                  .mapToDouble(BackendFaultsIT::price)
                  .max()
                  .orElseThrow());
    }
  }

  private JsonNode job(RunningFeatureStore service, String dataset)
      throws IOException, InterruptedException {
    return service.get(path("/datasets/" + dataset));
  }

  private void datasetEqualsOracle(RunningFeatureStore service, String dataset)
      throws IOException, InterruptedException {
    Await.until(
        () -> {
          JsonNode job = job(service, dataset);
          assertThat(job.get("status").asString()).as(job.toString()).isNotEqualTo("FAILED");
          return job.get("status").asString().equals("READY");
        },
        LIMIT,
        service::tail);
    Path file = folder.resolve("rows.parquet");
    Files.write(file, service.bytes(path("/datasets/" + dataset + "/files/rows.parquet")));
    Dataset rows = Dataset.read(file);
    assertThat(rows.rows()).isEqualTo(ROWS);
    for (int row = 0; row < ROWS; row++) {
      double got = rows.numbers("user_impressions.price_sum_1d")[row];
      assertThat(Double.isNaN(got) ? 0 : got)
          .as("row " + row)
          .isCloseTo(sum("u" + row % USERS, moment(row)), within(1e-6));
    }
  }
}
