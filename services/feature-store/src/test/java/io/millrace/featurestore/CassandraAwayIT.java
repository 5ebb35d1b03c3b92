// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.common.contract.Event;
import io.millrace.common.topic.Topics;
import io.millrace.datasets.Dataset;
import io.millrace.local.BackendOptions;
import io.millrace.local.Lifetime;
import io.millrace.local.LocalCassandra;
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
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Cassandra is killed under load and comes back: nothing is lost, nothing counted twice, and a
 * dataset that was asked for in between is built. On real servers.
 */
@RequiresBackends(kafka = true, redis = true)
class CassandraAwayIT {
  private static final Duration LIMIT = LiveBackends.LIMIT;
  private static final int USERS = 40;
  private static final int EVENTS = 4_000;
  private static final long STEP_MS = 1_000;

  @TempDir Path folder;

  private final String app = Backends.uniqueName("shop");
  private final Topics topics = new Topics(app);
  private final List<Event> events = new ArrayList<>();

  private String path(String rest) {
    return "/v1/applications/" + app + rest;
  }

  @Test
  void cassandraKilledUnderLoad_nothingIsLostAndADatasetWaitsForIt()
      throws IOException, InterruptedException {
    Random random = new Random(2);
    for (int i = 0; i < EVENTS; i++) {
      events.add(
          Definitions.impression(
              app,
              "i" + i,
              "u" + random.nextInt(USERS),
              "item" + random.nextInt(9),
              Definitions.T0 + i * STEP_MS,
              random.nextInt(1000) / 10.0));
    }
    LocalCassandra cassandra =
        new LocalCassandra(
            MillraceHome.find(),
            new BackendOptions(folder.resolve("cassandra"), 0, 512, Lifetime.ofThisProcess()));
    cassandra.start();
    cassandra.awaitReady(LIMIT);
    try (LiveBackends live = new LiveBackends();
        RunningFeatureStore service =
            LiveBackends.service(
                app,
                Backends.redis().uri(),
                folder.resolve("data"),
                Map.of(
                    "MILLRACE_CASSANDRA",
                    cassandra.address(),
                    "MILLRACE_CASSANDRA_DATACENTER",
                    LocalCassandra.DATACENTER,
                    "MILLRACE_PARITY_SHARE",
                    "1"))) {
      live.apply(Definitions.shop(app), 1);
      live.send(topics, events.subList(0, 1500));
      service.start();
      Await.until(() -> applied(service) == 3000, LIMIT, () -> "applied " + applied(service));
      String spine = sendSpine(service);

      live.send(topics, events.subList(1500, 2500));
      cassandra.kill();
      live.send(topics, events.subList(2500, EVENTS));
      Await.until(
          () -> service.status("/actuator/health/readiness") == 503, LIMIT, () -> "still ready");
      String dataset =
          service
              .post(
                  path("/datasets"),
                  Map.of("spine", spine, "features", List.of("user_impressions.price_sum_1d")))
              .get("datasetId")
              .asString();
      Await.until(() -> status(service, dataset).startsWith("RUNNING"), LIMIT, () -> "no such job");

      cassandra.start();
      cassandra.awaitReady(LIMIT);
      Await.until(
          () -> applied(service) == 2L * EVENTS, LIMIT, () -> "applied " + applied(service));
      Await.until(
          () -> {
            assertThat(status(service, dataset)).doesNotStartWith("FAILED");
            return status(service, dataset).startsWith("READY");
          },
          LIMIT,
          () -> status(service, dataset));

      onlineEqualsOracle(service);
      datasetEqualsOracle(service, dataset);
      Await.until(
          () -> service.get(path("/parity")).get("checked").asLong() > 0,
          LIMIT,
          () -> "the parity meter does not go on");
      assertThat(service.get(path("/parity")).get("mismatching").asLong())
          .as(() -> report(service))
          .isZero();
    } finally {
      cassandra.stop();
    }
  }

  private String report(RunningFeatureStore service) {
    try {
      return service.get(path("/parity")).toString();
    } catch (IOException | InterruptedException e) {
      return e.toString();
    }
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

  private String status(RunningFeatureStore service, String dataset) {
    try {
      JsonNode job = service.get(path("/datasets/" + dataset));
      return job.get("status").asString() + " " + job;
    } catch (IOException | InterruptedException e) {
      return e.toString();
    }
  }

  private static long moment(int row) {
    return Definitions.T0 + (row + 1) * 37 * STEP_MS;
  }

  private String sendSpine(RunningFeatureStore service) throws IOException, InterruptedException {
    StringBuilder csv = new StringBuilder("user,moment\n");
    for (int row = 0; row < 100; row++) {
      csv.append("u").append(row % USERS).append(',').append(moment(row)).append('\n');
    }
    return service
        .send(path("/datasets/spines"), csv.toString().getBytes(StandardCharsets.UTF_8))
        .get("id")
        .asString();
  }

  private double sum(String user, long knownTo) {
    return events.stream()
        .filter(each -> user.equals(each.key()) && each.knownAtMs() <= knownTo)
        .mapToDouble(each -> (double) each.data().get("price"))
        .sum();
  }

  private void onlineEqualsOracle(RunningFeatureStore service)
      throws IOException, InterruptedException {
    for (int user = 0; user < USERS; user++) {
      JsonNode features =
          service
              .get(
                  path(
                      "/features/user_impressions/u"
                          + user
                          + "?at="
                          + (Definitions.T0 + EVENTS * STEP_MS)))
              .get("features");
      assertThat(features.get("price_sum_1d").get("value").asDouble())
          .isCloseTo(sum("u" + user, Long.MAX_VALUE), within(1e-6));
    }
  }

  private void datasetEqualsOracle(RunningFeatureStore service, String dataset)
      throws IOException, InterruptedException {
    Path file = folder.resolve("rows.parquet");
    Files.write(file, service.bytes(path("/datasets/" + dataset + "/files/rows.parquet")));
    Dataset rows = Dataset.read(file);
    assertThat(rows.rows()).isEqualTo(100);
    for (int row = 0; row < 100; row++) {
      double got = rows.numbers("user_impressions.price_sum_1d")[row];
      assertThat(Double.isNaN(got) ? 0 : got)
          .as("row " + row)
          .isCloseTo(sum("u" + row % USERS, moment(row)), within(1e-6));
    }
  }
}
