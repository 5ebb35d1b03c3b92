// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.PredictionServed;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A model server beside the feature store that serves features as they are, and then one feature
 * from a broken copy of its aggregate. On real servers, with late and repeated events.
 */
@RequiresBackends(kafka = true, redis = true, cassandra = true)
class ParityIT {
  private static final String SUM = "user_impressions.price_sum_1d";
  private static final int USERS = 30;

  @TempDir Path folder;

  private final String app = Backends.uniqueName("shop");
  private final Topics topics = new Topics(app);
  private final List<Event> events = new ArrayList<>();
  private int served;

  private void happen() {
    Random random = new Random(11);
    for (int i = 0; i < 1500; i++) {
      long time = Definitions.T0 + i * 1000L - (i % 4 == 0 ? random.nextInt(300_000) : 0);
      double price = random.nextInt(10_000) / 100.0;
      events.add(
          Definitions.impression(
              app, "i" + i, "u" + random.nextInt(USERS), "item" + i % 9, time, price));
      if (i % 50 == 0) {
        events.add(events.getLast());
      }
    }
  }

  /** A copy of the sum that was written by somebody else: it leaves out what comes late. */
  private double brokenSum(String user) {
    double sum = 0;
    long newest = Long.MIN_VALUE;
    for (Event event : events) {
      if (user.equals(event.key()) && event.eventTimeMs() >= newest) {
        newest = event.eventTimeMs();
        sum += (double) event.data().get("price");
      }
    }
    return sum;
  }

  @Test
  void meter_brokenCopyOfAnAggregate_isNamedAndAlertedAndNothingElseIs()
      throws IOException, InterruptedException {
    happen();
    try (LiveBackends live = new LiveBackends();
        RunningFeatureStore service =
            LiveBackends.service(
                app,
                Backends.redis().uri(),
                folder.resolve("data"),
                Map.of("MILLRACE_PARITY_SHARE", "1", "MILLRACE_PARITY_ROWS", "100000"))) {
      live.apply(Definitions.shop(app), 1);
      live.send(topics, events.subList(0, 700));
      service.start();
      // A key that no event has is answered only once every part of the online store is filled.
      Await.until(
          () ->
              service.postStatus(
                      path("/features:online"),
                      Map.of("entities", List.of(Map.of("user", "nobody", "item", "nothing"))))
                  == 200,
          LiveBackends.LIMIT,
          () -> "the online store is not filled: " + service.tail());
      Await.until(
          () -> {
            serve(live, service, false);
            return checked(service, "prediction") > 3 * USERS;
          },
          LiveBackends.LIMIT,
          () -> "the meter checks no prediction: " + service.tail());
      live.send(topics, events.subList(700, events.size()));
      Await.until(
          () -> service.get(path("/progress")).get("applied").asLong() == 2L * events.size(),
          LiveBackends.LIMIT,
          () -> "not all events are applied");
      long before = checked(service, "prediction");
      serve(live, service, false);
      Await.until(
          () -> checked(service, "prediction") >= before + USERS,
          LiveBackends.LIMIT,
          () -> "the meter stands still");
      JsonNode control = service.get(path("/parity"));
      assertThat(control.get("mismatching").asLong()).as(control.toString()).isZero();
      assertThat(control.get("bySource").get("online").asLong()).isPositive();

      catalogueMeasures(service);
      serve(live, service, true);
      JsonNode caught =
          Await.value(
              () -> {
                JsonNode report = service.get(path("/parity"));
                return report.get("mismatching").asLong() > 0
                    ? java.util.Optional.of(report)
                    : java.util.Optional.empty();
              },
              LiveBackends.LIMIT,
              () -> "the broken copy is not caught");
      System.out.println("caught after ms: " + caught.get("lagMs"));
      caught
          .get("features")
          .properties()
          .forEach(
              feature ->
                  assertThat(feature.getValue().get("mismatches").asLong() > 0)
                      .as(feature.getKey())
                      .isEqualTo(feature.getKey().equals(SUM)));
      assertThat(caught.get("examples").get(0).get("feature").asString()).isEqualTo(SUM);
      alertNamesTheFeature(live);
      assertThat(
              new String(service.bytes("/actuator/prometheus"), StandardCharsets.UTF_8)
                  .lines()
                  .filter(line -> line.startsWith("millrace_parity_mismatches_total{"))
                  .filter(line -> line.contains(app)))
          .allMatch(line -> line.contains("feature=\"" + SUM + "\""))
          .isNotEmpty();
    }
  }

  private void catalogueMeasures(RunningFeatureStore service)
      throws IOException, InterruptedException {
    JsonNode found =
        Await.value(
            () -> {
              JsonNode answer = service.get(path("/catalogue?q=price_sum"));
              return answer.has("measuredAtMs") && !answer.get("measuredAtMs").isNull()
                  ? java.util.Optional.of(answer)
                  : java.util.Optional.empty();
            },
            LiveBackends.LIMIT,
            () -> "the catalogue is not measured");
    assertThat(found.get("features")).hasSize(1);
    JsonNode sum = found.get("features").get(0);
    assertThat(sum.get("name").asString()).isEqualTo(SUM);
    assertThat(sum.get("distribution").get("entities").asInt()).as(sum.toString()).isEqualTo(USERS);
    assertThat(sum.get("cost").get("bytesPerEntity").asDouble()).isPositive();
    assertThat(sum.get("freshness").get("events").asLong()).isPositive();
    assertThat(found.get("modelsUnknown").asString()).contains("trainer");
    assertThat(service.get("/v1/catalogue?entity=item&q=" + app).get("features")).isEmpty();
    assertThat(service.get("/v1/catalogue?entity=item").get("features")).isNotEmpty();
  }

  private String path(String rest) {
    return "/v1/applications/" + app + rest;
  }

  private long checked(RunningFeatureStore service, String source)
      throws IOException, InterruptedException {
    JsonNode count = service.get(path("/parity")).get("bySource").get(source);
    return count == null ? 0 : count.asLong();
  }

  /** Reads the features of every user and publishes predictions made of them. */
  private void serve(LiveBackends live, RunningFeatureStore service, boolean broken)
      throws IOException, InterruptedException {
    long moment = Definitions.T0 + 1500 * 1000L;
    List<Map<String, String>> entities = new ArrayList<>();
    for (int i = 0; i < USERS; i++) {
      entities.add(Map.of("user", "u" + i, "item", "item" + i % 9));
    }
    JsonNode answer =
        service.post(
            path("/features:online"),
            Map.of(
                "views",
                List.of("user_impressions", "item_impressions"),
                "entities",
                entities,
                "at",
                moment));
    for (int row = 0; row < USERS; row++) {
      Map<String, Object> features = new HashMap<>();
      for (int i = 0; i < answer.get("names").size(); i++) {
        JsonNode value = answer.get("rows").get(row).get("values").get(i);
        if (!value.isNull()) {
          features.put(
              answer.get("names").get(i).asString(),
              Json.mapper().treeToValue(value, Object.class));
        }
      }
      if (broken) {
        features.put(SUM, brokenSum("u" + row));
      }
      Map<String, Long> states = new HashMap<>();
      answer
          .get("rows")
          .get(row)
          .get("states")
          .properties()
          .forEach(each -> states.put(each.getKey(), each.getValue().asLong()));
      live.send(
          topics.predictions(),
          "u" + row,
          new PredictionServed(
              app,
              "p" + served++,
              entities.get(row),
              "v1",
              "champion",
              0.5,
              features,
              states,
              moment,
              System.currentTimeMillis(),
              1,
              "request",
              null));
    }
  }

  private void alertNamesTheFeature(LiveBackends live) {
    List<AlertRaised> alerts = new ArrayList<>();
    try (KafkaConsumer<String, AlertRaised> consumer =
        new KafkaConsumer<>(
            live.kafka.consumer(app + "-oracle"),
            topics.alerts().keySerde().deserializer(),
            topics.alerts().valueSerde().deserializer())) {
      consumer.subscribe(List.of(topics.alerts().name()));
      Await.until(
          () -> {
            for (ConsumerRecord<String, AlertRaised> each : consumer.poll(Duration.ofMillis(200))) {
              alerts.add(each.value());
            }
            return !alerts.isEmpty();
          },
          LiveBackends.LIMIT,
          () -> "no alert");
    }
    assertThat(alerts).hasSize(1);
    assertThat(alerts.getFirst().alertId()).isEqualTo("parity/" + SUM);
    assertThat(alerts.getFirst().severity()).isEqualTo("page");
    assertThat(alerts.getFirst().cause()).contains(SUM);
  }
}
