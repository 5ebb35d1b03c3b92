// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topics;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetManifest;
import io.millrace.features.view.FeatureStatus;
import io.millrace.local.BackendOptions;
import io.millrace.local.Lifetime;
import io.millrace.local.LocalRedis;
import io.millrace.local.MillraceHome;
import io.millrace.onlineapi.KeyColumn;
import io.millrace.onlineapi.OnlineFeaturesGrpc;
import io.millrace.onlineapi.ReadRequest;
import io.millrace.onlineapi.ReadResponse;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The service against real servers: killed and started again under load, its Redis stopped and
 * started, and then every online value, every label, every served vector and the dataset compared
 * with what the events say.
 */
@RequiresBackends(kafka = true, cassandra = true)
class FeatureStoreIT {
  private static final int IMPRESSIONS = 12_000;
  private static final int USERS = 150;
  private static final int ITEMS = 60;
  private static final long STEP_MS = 240;
  private static final long END = Definitions.T0 + IMPRESSIONS * STEP_MS;
  private static final Duration LIMIT = Duration.ofSeconds(300);
  private static final List<String> NAMES =
      List.of(
          "user_impressions.n_1h",
          "user_impressions.price_sum_1d",
          "user_impressions.price_mean_1d",
          "user_impressions.last_item",
          "item_impressions.n_1h",
          "item_impressions.price_max_1d",
          "item_clicks.n_1h");

  @TempDir Path folder;

  private final String app = Backends.uniqueName("shop");
  private final Topics topics = new Topics(app);
  private final ApplicationDefinition definition = Definitions.shop(app);
  private final KafkaSettings kafka = new KafkaSettings(Backends.kafka().bootstrapServers());
  private final List<Event> events = events();
  private final List<Map<String, Object>> vectors = Collections.synchronizedList(new ArrayList<>());

  /** Impressions and clicks in order of acceptance, impressions up to 5 minutes late. */
  private List<Event> events() {
    Random random = new Random(3);
    TreeMap<Long, Event> byArrival = new TreeMap<>();
    for (int i = 0; i < IMPRESSIONS; i++) {
      long arrival = Definitions.T0 + i * STEP_MS;
      long time = arrival - (random.nextInt(10) == 0 ? random.nextInt(300_000) : 0);
      String user = "u" + random.nextInt(USERS);
      String item = "item" + random.nextInt(ITEMS);
      double price = Math.round(random.nextDouble() * 1e4) / 100.0;
      byArrival.put(arrival, Definitions.impression(app, "i" + i, user, item, time, price));
      long clicked = arrival + 1 + random.nextInt(35 * 60_000);
      if (random.nextInt(5) == 0 && clicked < END && !byArrival.containsKey(clicked)) {
        // Impressions arrive at multiples of the step; a click never takes the place of one.
        long at = clicked % STEP_MS == Definitions.T0 % STEP_MS ? clicked + 1 : clicked;
        byArrival.put(at, Definitions.click(app, "c" + i, "i" + i, user, item, clicked));
      }
    }
    return new ArrayList<>(byArrival.values());
  }

  @Test
  void service_killedUnderLoadAndRedisRestarted_equalsTheOracle()
      throws IOException, InterruptedException {
    LocalRedis redis =
        new LocalRedis(
            MillraceHome.find(),
            new BackendOptions(folder.resolve("redis"), 0, 256, Lifetime.ofThisProcess()));
    redis.start();
    redis.awaitReady(LIMIT);
    try (LiveBackends live = new LiveBackends();
        RunningFeatureStore service =
            LiveBackends.service(app, redis.uri(), folder.resolve("data"))) {
      live.apply(definition, 1);
      start(service);

      int third = events.size() / 3;
      live.send(topics, events.subList(0, third));
      recordWhile(service, () -> applied(service) < third / 2);
      service.kill();
      live.send(topics, events.subList(third, 2 * third));
      start(service);
      recordWhile(service, () -> applied(service) < 2 * third);
      redis.stop();
      live.send(topics, events.subList(2 * third, events.size()));
      live.send(topics, closing());
      Await.until(
          () -> service.status("/actuator/health/readiness") == 503, LIMIT, () -> "still ready");
      redis.start();
      redis.awaitReady(LIMIT);
      long expected =
          events.stream().mapToLong(event -> event.name().equals("click") ? 1 : 2).sum();
      Await.until(
          () -> applied(service) == expected + 2L * closing().size(),
          LIMIT,
          () -> "applied " + applied(service) + " of " + (expected + 2L * closing().size()));

      onlineEqualsOracle(service);
      grpcEqualsHttp(service, END, FeatureStatus.PRESENT);
      grpcEqualsHttp(service, END - 60 * 24 * Definitions.HOUR, FeatureStatus.INCOMPLETE);
      recordWhile(service, () -> vectors.size() < 10_000);
      parityHolds(service);
      labelsEqualOracle(service);
      datasetEqualsOracle(service);
    } finally {
      redis.stop();
    }
  }

  private void start(RunningFeatureStore service) throws IOException {
    service.start();
    Await.until(() -> service.status(path("/catalogue")) == 200, LIMIT, () -> "no catalogue");
    // Until every part of the online store is filled, a key that is not there is no answer.
    Map<String, Object> question = question(200, new Random(1), END);
    Await.until(
        () -> service.postStatus(path("/features:online"), question) == 200,
        LIMIT,
        () -> "the online store is not filled");
  }

  private String path(String rest) {
    return "/v1/applications/" + app + rest;
  }

  /** Impressions of nobody so late that every window in every partition is closed. */
  private List<Event> closing() {
    List<Event> closing = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      closing.add(
          Definitions.impression(app, "z" + i, "z" + i, "zz", END + 2 * Definitions.HOUR, 1));
    }
    return closing;
  }

  private long applied(RunningFeatureStore service) {
    try {
      return service.get(path("/progress")).get("applied").asLong();
    } catch (IOException e) {
      // Being started, or without a backend.
      return -1;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Map<String, Object> question(int rows, Random random, long asOf) {
    List<Map<String, String>> entities = new ArrayList<>();
    List<Long> moments = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      entities.add(
          Map.of("user", "u" + random.nextInt(USERS + 5), "item", "item" + random.nextInt(ITEMS)));
      moments.add(asOf - random.nextInt(1000));
    }
    return Map.of("features", NAMES, "entities", entities, "ats", moments);
  }

  /** Asks for vectors and keeps them as a client would, as long as the condition holds. */
  private void recordWhile(
      RunningFeatureStore service, java.util.function.BooleanSupplier condition)
      throws IOException, InterruptedException {
    Random random = new Random(vectors.size());
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time to go on").isLessThan(deadline);
      Map<String, Object> question = question(200, random, END + 1000);
      JsonNode answer = service.post(path("/features:online"), question);
      for (int row = 0; row < answer.get("rows").size(); row++) {
        JsonNode served = answer.get("rows").get(row);
        Map<String, @Nullable Object> features = new LinkedHashMap<>();
        for (int i = 0; i < NAMES.size(); i++) {
          features.put(
              NAMES.get(i), Json.mapper().treeToValue(served.get("values").get(i), Object.class));
        }
        Map<String, Object> vector = new LinkedHashMap<>();
        vector.put("states", Json.mapper().treeToValue(served.get("states"), Map.class));
        vector.put("momentMs", ((List<?>) question.get("ats")).get(row));
        vector.put("features", features);
        vectors.add(vector);
      }
    }
  }

  private void onlineEqualsOracle(RunningFeatureStore service)
      throws IOException, InterruptedException {
    for (int from = 0; from < USERS; from += 50) {
      List<Map<String, String>> entities = new ArrayList<>();
      for (int i = from; i < from + 50; i++) {
        entities.add(Map.of("user", "u" + i, "item", "item" + i % ITEMS));
      }
      JsonNode rows =
          service
              .post(
                  path("/features:online"),
                  Map.of("features", NAMES, "entities", entities, "at", END))
              .get("rows");
      for (int i = 0; i < entities.size(); i++) {
        JsonNode values = rows.get(i).get("values");
        String user = entities.get(i).get("user");
        String item = entities.get(i).get("item");
        List<Event> ofUser = impressions("user", user);
        List<Event> ofItem = impressions("item", item);
        double sum = ofUser.stream().mapToDouble(e -> (double) e.data().get("price")).sum();
        assertThat(values.get(0).asDouble()).as(user).isEqualTo(ofUser.size());
        assertThat(values.get(1).asDouble()).isCloseTo(sum, within(1e-6));
        assertThat(values.get(2).asDouble()).isCloseTo(sum / ofUser.size(), within(1e-9));
        assertThat(values.get(3).asString()).isEqualTo(last(ofUser));
        assertThat(values.get(4).asDouble()).as(item).isEqualTo(ofItem.size());
        assertThat(values.get(5).asDouble())
            .isEqualTo(
                ofItem.stream()
                    .mapToDouble(e -> (double) e.data().get("price"))
                    .max()
                    .orElseThrow());
        assertThat(values.get(6).asLong())
            .isEqualTo(
                events.stream()
                    .filter(e -> e.name().equals("click") && item.equals(e.data().get("item")))
                    .count());
        assertThat(rows.get(i).get("states").get("user_impressions:" + user).asLong())
            .isEqualTo(ofUser.size());
      }
    }
  }

  /** The same question over gRPC, and one about an application that there is not. */
  private void grpcEqualsHttp(RunningFeatureStore service, long at, FeatureStatus status)
      throws IOException, InterruptedException {
    JsonNode expected =
        service
            .post(
                path("/features:online"),
                Map.of(
                    "features",
                    NAMES.subList(0, 3),
                    "entities",
                    List.of(Map.of("user", "u1"), Map.of("user", "u2")),
                    "at",
                    at))
            .get("rows");
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", service.grpcPort()).usePlaintext().build();
    try {
      ReadRequest request =
          ReadRequest.newBuilder()
              .setApp(app)
              .addAllFeatures(NAMES.subList(0, 3))
              .addKeys(KeyColumn.newBuilder().setEntity("user").addValues("u1").addValues("u2"))
              .setAtMs(at)
              .build();
      OnlineFeaturesGrpc.OnlineFeaturesBlockingStub stub =
          OnlineFeaturesGrpc.newBlockingStub(channel);
      ReadResponse answer = stub.withDeadlineAfter(60, TimeUnit.SECONDS).read(request);
      List<Double> served = new ArrayList<>();
      answer.getIntegersList().forEach(each -> served.add((double) each));
      served.addAll(answer.getDoublesList());
      List<Double> wanted = new ArrayList<>();
      for (int column = 0; column < 3; column++) {
        for (JsonNode row : expected) {
          String found = row.get("status").get(column).asString();
          assertThat(found).isEqualToIgnoringCase(status.name());
          row.get("values").get(column).doubleValueOpt().ifPresent(wanted::add);
        }
      }
      assertThat(wanted).hasSize(status == FeatureStatus.PRESENT ? 6 : 0);
      assertThat(served).containsExactlyInAnyOrderElementsOf(wanted);
      assertThat(answer.getNamesList()).isEqualTo(NAMES.subList(0, 3));
      assertThatThrownBy(() -> stub.read(request.toBuilder().setApp("nothing").build()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    } finally {
      channel.shutdownNow();
    }
  }

  private List<Event> impressions(String entity, String key) {
    return events.stream()
        .filter(e -> e.name().equals("impression") && key.equals(e.data().get(entity)))
        .toList();
  }

  private static String last(List<Event> some) {
    Event last = some.getFirst();
    for (Event each : some) {
      last = each.eventTimeMs() >= last.eventTimeMs() ? each : last;
    }
    return String.valueOf(last.data().get("item"));
  }

  private void parityHolds(RunningFeatureStore service) throws IOException, InterruptedException {
    List<Map<String, Object>> all = List.copyOf(vectors).subList(0, 10_000);
    JsonNode answer = service.post(path("/parity"), Map.of("vectors", all));
    assertThat(answer.get("vectors").asInt()).isEqualTo(10_000);
    assertThat(answer.get("equal").asInt()).as(() -> mismatch(answer)).isEqualTo(10_000);

    Map<String, Object> broken = new LinkedHashMap<>(all.getLast());
    broken.put("features", Map.of("item_impressions.n_1h", -1.0));
    JsonNode found = service.post(path("/parity"), Map.of("vectors", List.of(broken)));
    assertThat(found.get("results").get(0).get("mismatches").get(0).get("feature").asString())
        .isEqualTo("item_impressions.n_1h");
  }

  private static String mismatch(JsonNode answer) {
    for (JsonNode result : answer.get("results")) {
      if (!result.get("equal").asBoolean()) {
        return result.toString();
      }
    }
    return "";
  }

  /** Prediction id → whether a click lies within 30 minutes after the impression. */
  private Map<String, Double> expectedLabels() {
    Map<String, Long> shown = new HashMap<>();
    Map<String, Double> labels = new HashMap<>();
    for (Event event : events) {
      if (event.name().equals("impression")) {
        shown.put(event.id(), event.eventTimeMs());
        labels.put(event.id(), 0.0);
      }
    }
    for (Event event : events) {
      if (event.name().equals("click")) {
        String id = String.valueOf(event.data().get("impressionId"));
        long time = shown.get(id);
        if (event.eventTimeMs() >= time && event.eventTimeMs() <= time + 30 * 60_000) {
          labels.put(id, 1.0);
        }
      }
    }
    return labels;
  }

  private void labelsEqualOracle(RunningFeatureStore service) {
    Map<String, Double> expected = expectedLabels();
    Map<String, OutcomeLabelled> last = new HashMap<>();
    AtomicBoolean doubled = new AtomicBoolean();
    try (KafkaConsumer<String, OutcomeLabelled> consumer =
        new KafkaConsumer<>(
            kafka.consumer(app + "-oracle"),
            topics.labels().keySerde().deserializer(),
            topics.labels().valueSerde().deserializer())) {
      consumer.subscribe(List.of(topics.labels().name()));
      Await.until(
          () -> {
            for (ConsumerRecord<String, OutcomeLabelled> each :
                consumer.poll(Duration.ofMillis(200))) {
              if (each.key().startsWith("z")) {
                continue;
              }
              OutcomeLabelled before = last.put(each.key(), each.value());
              int revision = before == null ? 1 : before.revision() + 1;
              doubled.compareAndSet(false, each.value().revision() != revision);
            }
            return last.size() == expected.size();
          },
          LIMIT,
          () -> last.size() + " labels of " + expected.size());
    }
    assertThat(doubled).isFalse();
    Map<String, Double> actual = new HashMap<>();
    last.forEach((id, label) -> actual.put(id, label.value()));
    assertThat(actual).isEqualTo(expected);
    Await.until(
        () -> {
          JsonNode labels = service.get(path("/progress")).get("labels");
          return labels.get("OBSERVED").asLong() + labels.get("IMPLICIT_NEGATIVE").asLong()
              == expected.size();
        },
        LIMIT,
        () -> "the tallies differ");
  }

  private void datasetEqualsOracle(RunningFeatureStore service)
      throws IOException, InterruptedException {
    Map<String, Object> request = Map.of("toMs", END + 1000, "evalShare", 0.25);
    DatasetManifest manifest = dataset(service, request);
    assertThat(dataset(service, request)).isEqualTo(manifest);
    Path file = folder.resolve("rows.parquet");
    Files.write(file, service.bytes(path("/datasets/" + manifest.id() + "/files/rows.parquet")));
    Dataset dataset = Dataset.read(file);
    Map<String, Double> expected = expectedLabels();
    assertThat(dataset.rows()).isEqualTo(expected.size());
    assertThat(manifest.rows()).isEqualTo(expected.size());
    @Nullable String[] ids = dataset.texts("prediction_id");
    @Nullable String[] splits = dataset.texts("split");
    Map<String, Event> byId = new HashMap<>();
    events.forEach(event -> byId.put(event.id(), event));
    long trainTo = Long.MIN_VALUE;
    long lastTrained = Long.MIN_VALUE;
    long evalFrom = Long.MAX_VALUE;
    for (int row = 0; row < dataset.rows(); row++) {
      assertThat(dataset.numbers("label")[row]).isEqualTo(expected.get(ids[row]));
      long moment = dataset.integers("moment")[row];
      if ("eval".equals(splits[row])) {
        evalFrom = Math.min(evalFrom, moment);
      } else {
        trainTo = Math.max(trainTo, moment);
      }
      if ("train".equals(splits[row])) {
        lastTrained = Math.max(lastTrained, moment);
      }
      if (row % 97 == 0) {
        asOf(dataset, row, byId.get(ids[row]));
      }
    }
    assertThat(trainTo).isLessThan(evalFrom);
    assertThat(lastTrained).isLessThan(evalFrom - 30 * 60_000);
    assertThat(manifest.splits().get("eval")).isBetween(2_900L, 3_100L);
  }

  /** Only what had happened and was known at the moment, the deciding event included. */
  private void asOf(Dataset dataset, int row, Event moment) {
    double[] count = new double[1];
    double sum = 0;
    double max = Double.NEGATIVE_INFINITY;
    for (Event event : events) {
      if (event.knownAtMs() > moment.knownAtMs()
          || event.eventTimeMs() > moment.eventTimeMs()
          || !event.name().equals("impression")) {
        continue;
      }
      if (event.key().equals(moment.key())) {
        count[0]++;
        sum += (double) event.data().get("price");
      }
      if (event.data().get("item").equals(moment.data().get("item"))) {
        max = Math.max(max, (double) event.data().get("price"));
      }
    }
    assertThat(dataset.numbers("user_impressions.n_1h")[row]).isEqualTo(count[0]);
    assertThat(dataset.numbers("user_impressions.price_sum_1d")[row]).isCloseTo(sum, within(1e-6));
    assertThat(dataset.numbers("item_impressions.price_max_1d")[row]).isEqualTo(max);
    assertThat(dataset.numbers("event.position")[row])
        .isEqualTo(((Long) moment.data().get("position")).doubleValue());
    assertThat(dataset.texts("entity.user")[row]).isEqualTo(moment.key());
  }

  private DatasetManifest dataset(RunningFeatureStore service, Map<String, Object> request)
      throws IOException, InterruptedException {
    String id = service.post(path("/datasets"), request).get("datasetId").asString();
    JsonNode done =
        Await.value(
            () -> {
              JsonNode job = service.get(path("/datasets/" + id));
              assertThat(job.get("status").asString()).as(job.toString()).isNotEqualTo("FAILED");
              return "READY".equals(job.get("status").asString())
                  ? java.util.Optional.of(job)
                  : java.util.Optional.empty();
            },
            LIMIT,
            () -> "the dataset is not ready");
    return DatasetManifest.fromJson(Json.mapper().writeValueAsBytes(done.get("manifest")));
  }
}
