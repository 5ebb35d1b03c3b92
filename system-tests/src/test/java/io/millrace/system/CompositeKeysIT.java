// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import io.millrace.common.serde.Json;
import io.millrace.datasets.Dataset;
import io.millrace.onlineapi.KeyColumn;
import io.millrace.onlineapi.OnlineFeaturesGrpc;
import io.millrace.onlineapi.ReadRequest;
import io.millrace.onlineapi.ReadResponse;
import io.millrace.testkit.backend.Backends;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Entities whose key has two fields, a number and a text with the characters that the encoding
 * gives a meaning, and one with a personal part: from the events over the online store, gRPC and
 * datasets to a prediction, compared with plain loops over what was sent.
 */
@ExtendWith(StackExtension.class)
class CompositeKeysIT {
  private static final int LINES = 2_000;
  private static final long OPENS_MS = 1_767_600_000_000L;
  private static final int CLOSERS = 200;
  private static final long STEP_MS = 3_000;
  private static final long END_MS = OPENS_MS + LINES * STEP_MS;

  /** Stands for one half of a surrogate pair, which JSON can write and UTF-8 cannot. */
  private static final String HALF = "half";

  private static final List<String> BASKETS =
      List.of("a", "b:a", "1:a", "a~1", "7", "a~", ":", "ü");

  @TempDir Path folder;

  private final String app = Backends.uniqueName("baskets");
  private final List<Line> lines = new ArrayList<>();
  private final List<String> paid = new ArrayList<>();

  /** One line of a basket. */
  private record Line(String id, long atMs, Object store, String basket, String card, int cents) {
    /** The parts, a number as one. */
    List<String> key() {
      return List.of(String.valueOf(Math.round(Double.parseDouble(store.toString()))), basket);
    }
  }

  private static String definition(String app) {
    return """
    apiVersion: millrace/v1
    kind: Application
    metadata: {name: %s, owner: tills@example.com, description: Will the basket be paid?}
    events:
      line:
        time: {field: at, format: epoch_ms}
        id: line_id
        key: basket
        allowedLateness: 2h
        schema:
          required: [line_id, cents]
          properties:
            line_id: {type: string}
            at: {type: integer}
            store: {type: number}
            basket_id: {type: string}
            card: {type: string}
            cents: {type: integer, minimum: 0}
        personal: {card: pseudonymise}
      pay:
        time: {field: at, format: epoch_ms}
        id: pay_id
        allowedLateness: 2h
        schema:
          required: [pay_id]
          properties:
            pay_id: {type: string}
            at: {type: integer}
            store: {type: number}
            basket_id: {type: string}
    entities:
      basket: {key: [store, basket_id]}
      buyer: {key: [store, card], optional: true}
    featureViews:
      basket_lines:
        source: line
        entity: basket
        features:
          n: {aggregate: count}
          cents: {aggregate: sum, of: cents}
      buyer_lines:
        source: line
        entity: buyer
        features:
          n: {aggregate: count}
    label:
      name: paid
      decidedAt: line
      positive: {event: pay, sameEntity: basket, within: 1s}
      otherwise: 0
    model:
      task: binary
      features: [basket_lines.n, basket_lines.cents, event.cents]
      algorithm: {kind: logistic}
      search: {kind: none}
      split: {kind: time, eval: 20%%}
    gates:
      auc: {atLeast: 0.55}
      minimumRows: 100
    rollout: {kind: immediate}
    monitor:
      drift: "off"
      window: 1000 rows
      retrain: {onFirstData: true, onDrift: false, minimumRows: 1000}
    validation:
      span: 30m
    """
        .formatted(app);
  }

  @Test
  void compositeKeys_fromEventToPrediction_equalPlainLoops(RunningStack stack)
      throws IOException, InterruptedException {
    stack.apply(app, definition(app));
    send(stack);
    refuses(stack);
    stack.until(
        Service.FEATURE_STORE,
        () ->
            stack.client().get(Service.FEATURE_STORE, path("/progress")).path("applied").asLong()
                == 2L * (LINES + CLOSERS),
        () -> "applied " + stack.client().get(Service.FEATURE_STORE, path("/progress")));

    onlineEqualsPlainLoops(stack);
    grpcEqualsPlainLoops(stack);
    readsOfBadKeysNameFieldAndRule(stack);
    datasetEqualsPlainLoops(stack);
    stack.awaitChampion(app);
    // A champion is one before inference has loaded it; until then predictions are refused.
    stack.until(
        Service.INFERENCE,
        () -> predict(stack, Map.of("store", 1.0, "basket_id", "b:a")).has("predictions"),
        () -> "no prediction of the basket");
    predictionsSeeTheBasket(stack);
    catalogueNamesTheFields(stack);
  }

  /** Cheap lines are mostly paid, half a second later. */
  private void send(RunningStack stack) {
    SplittableRandom random = new SplittableRandom(20_261_128);
    StringBuilder body = new StringBuilder();
    StringBuilder pays = new StringBuilder();
    for (int i = 0; i < LINES; i++) {
      int number = random.nextInt(3);
      Object store = random.nextBoolean() ? (Object) number : (Object) (double) number;
      Line line =
          new Line(
              "l" + i,
              OPENS_MS + i * STEP_MS,
              store,
              BASKETS.get(random.nextInt(BASKETS.size())),
              "card:" + random.nextInt(4),
              random.nextInt(1000));
      lines.add(line);
      body.append(json(event(line))).append('\n');
      if (random.nextDouble() < (line.cents() < 300 ? 0.8 : 0.1)) {
        paid.add(line.id());
        Map<String, Object> pay = event(line);
        pay.keySet().retainAll(List.of("store", "basket_id"));
        pay.put("pay_id", "p" + i);
        pay.put("at", line.atMs() + 500);
        pays.append(json(pay)).append('\n');
      }
    }
    // So late that everything before them is over, in every partition.
    for (int i = 0; i < CLOSERS; i++) {
      long atMs = END_MS + Duration.ofHours(5).toMillis() + i;
      Line line = new Line("z" + i, atMs, 9, "closing" + i, "card:9", 1);
      body.append(json(event(line))).append('\n');
    }
    assertThat(post(stack, "/events/pay?history=true", pays.toString()).path("accepted").asInt())
        .isEqualTo(paid.size());
    assertThat(post(stack, "/events/line?history=true", body.toString()).path("accepted").asInt())
        .isEqualTo(LINES + CLOSERS);
  }

  private static Map<String, Object> event(Line line) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("line_id", line.id());
    event.put("at", line.atMs());
    event.put("store", line.store());
    event.put("basket_id", line.basket());
    event.put("card", line.card());
    event.put("cents", line.cents());
    return event;
  }

  /** Keys that cannot be: dead letters that name the field and the rule. */
  private void refuses(RunningStack stack) {
    Line like = new Line("bad", END_MS, 1, "a", "card:0", 5);
    refused(stack, with(like, "basket_id", null), "missing-key", "basket_id");
    refused(stack, with(like, "store", null), "missing-key", "store");
    refused(stack, with(like, "basket_id", " "), "missing-key", "basket_id");
    refused(stack, with(like, "basket_id", Map.of("a", 1)), "type", "basket_id");
    refused(stack, with(like, "store", List.of(1)), "type", "store");
    refused(stack, with(like, "basket_id", "k".repeat(2_000)), "key-length", "store, basket_id");
    refused(stack, with(like, "basket_id", HALF), "key-text", "store, basket_id");
    refused(stack, with(like, "basket_id", "k".repeat(1 << 20)), "too-large", null);
  }

  private static Map<String, Object> with(Line like, String field, @Nullable Object value) {
    Map<String, Object> event = event(like);
    if (value == null) {
      event.remove(field);
    } else {
      event.put(field, value);
    }
    return event;
  }

  private void refused(
      RunningStack stack, Map<String, Object> event, String reason, @Nullable String field) {
    String row = json(event).replace(HALF, "\\ud800");
    JsonNode answer = post(stack, "/events/line", row + "\n");
    JsonNode rejection = answer.path("rejections").path(0);
    assertThat(answer.path("rejected").asInt()).as(answer.toString()).isEqualTo(1);
    assertThat(rejection.path("reason").asString("")).isEqualTo(reason);
    assertThat(rejection.path("field").asString(null)).isEqualTo(field);
  }

  private static String json(Object value) {
    return Json.mapper().writeValueAsString(value);
  }

  private JsonNode post(RunningStack stack, String path, String ndjson) {
    return stack
        .client()
        .json(
            Service.INGEST,
            stack
                .client()
                .request(Service.INGEST, path(path), Duration.ofSeconds(60))
                .header("Content-Type", "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofString(ndjson))
                .build());
  }

  private String path(String rest) {
    return "/v1/applications/" + app + rest;
  }

  private List<Line> of(List<String> key) {
    return lines.stream().filter(line -> line.key().equals(key)).toList();
  }

  private static long cents(List<Line> some) {
    return some.stream().mapToLong(Line::cents).sum();
  }

  private List<List<String>> keys() {
    return lines.stream().map(Line::key).distinct().toList();
  }

  /** All baskets, the store written as a number, as one with a fraction and as a text in turn. */
  private List<Map<String, Object>> asked() {
    List<Map<String, Object>> entities = new ArrayList<>();
    for (List<String> key : keys()) {
      long store = Long.parseLong(key.getFirst());
      Object written =
          switch (entities.size() % 3) {
            case 0 -> store;
            case 1 -> (double) store;
            default -> key.getFirst();
          };
      entities.add(Map.of("basket", Map.of("basket_id", key.getLast(), "store", written)));
    }
    return entities;
  }

  private void onlineEqualsPlainLoops(RunningStack stack) {
    assertThat(keys()).hasSize(3 * BASKETS.size());
    JsonNode rows = online(stack, asked(), List.of("basket_lines.n", "basket_lines.cents"));
    for (int i = 0; i < keys().size(); i++) {
      List<Line> some = of(keys().get(i));
      assertThat(rows.get(i).get("values").get(0).asLong()).isEqualTo(some.size());
      assertThat(rows.get(i).get("values").get(1).asLong()).isEqualTo(cents(some));
    }
    // The text of a key; the personal part is in clear and never stored so.
    JsonNode text =
        stack
            .client()
            .get(Service.FEATURE_STORE, path("/features/basket_lines/1:b~1a?at=" + END_MS));
    assertThat(text.path("features").path("n").path("value").asLong())
        .isEqualTo(of(List.of("1", "b:a")).size());
    JsonNode buyer =
        online(
            stack,
            List.of(Map.of("buyer", Map.of("store", 2, "card", "card:3"))),
            List.of("buyer_lines.n"));
    assertThat(buyer.get(0).get("values").get(0).asLong())
        .isEqualTo(
            lines.stream()
                .filter(line -> line.key().getFirst().equals("2") && line.card().equals("card:3"))
                .count());
    assertThat(buyer.toString()).doesNotContain("card");
  }

  private JsonNode online(RunningStack stack, List<?> entities, List<String> features) {
    return stack
        .client()
        .post(
            Service.FEATURE_STORE,
            path("/features:online"),
            Json.mapper()
                .valueToTree(Map.of("features", features, "entities", entities, "at", END_MS)))
        .get("rows");
  }

  private void grpcEqualsPlainLoops(RunningStack stack) {
    KeyColumn.Builder stores = KeyColumn.newBuilder().setEntity("basket").setField("store");
    KeyColumn.Builder ids = KeyColumn.newBuilder().setEntity("basket").setField("basket_id");
    keys().forEach(key -> stores.addValues(key.getFirst()));
    keys().forEach(key -> ids.addValues(key.getLast()));
    ReadRequest request =
        ReadRequest.newBuilder()
            .setApp(app)
            .addFeatures("basket_lines.n")
            .addKeys(ids)
            .addKeys(stores)
            .setAtMs(END_MS)
            .build();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress(
                "127.0.0.1", stack.stack().service(Service.FEATURE_STORE).grpcPort())
            .usePlaintext()
            .build();
    try {
      OnlineFeaturesGrpc.OnlineFeaturesBlockingStub stub =
          OnlineFeaturesGrpc.newBlockingStub(channel).withDeadlineAfter(Duration.ofSeconds(60));
      ReadResponse answer = stub.read(request);
      List<Long> counts = new ArrayList<>();
      answer.getIntegersList().forEach(each -> counts.add((long) each));
      answer.getDoublesList().forEach(each -> counts.add(Math.round(each)));
      assertThat(counts).isEqualTo(keys().stream().map(key -> (long) of(key).size()).toList());
      ReadRequest half = request.toBuilder().clearKeys().addKeys(ids).build();
      assertThatThrownBy(() -> stub.read(half))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
          .hasMessageContaining("store");
    } finally {
      channel.shutdownNow();
    }
  }

  private void readsOfBadKeysNameFieldAndRule(RunningStack stack) {
    badRead(stack, Map.of("store", 1), "entities.basket.basket_id", "is missing");
    badRead(stack, Map.of("store", 1, "shop", 2), "entities.basket.shop", "is no part");
    badRead(
        stack,
        Map.of("store", List.of(1), "basket_id", "a"),
        "entities.basket.store",
        "neither a text");
    badRead(stack, "1", "entities.basket", "has the parts");
    badRead(stack, Map.of("store", 1, "basket_id", "k".repeat(1 << 17)), "entities.basket", "1024");
  }

  private void badRead(RunningStack stack, Object key, String field, String words) {
    assertThatThrownBy(
            () -> online(stack, List.of(Map.of("basket", key)), List.of("basket_lines.n")))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining(field)
        .hasMessageContaining(words);
  }

  /** Rows of a file with a column for each part. */
  private void datasetEqualsPlainLoops(RunningStack stack)
      throws IOException, InterruptedException {
    StringBuilder csv = new StringBuilder("id,moment,basket.store,basket.basket_id\n");
    for (int i = 0; i < LINES; i += 10) {
      Line line = lines.get(i);
      csv.append("%s,%d,%s,%s\n".formatted(line.id(), line.atMs(), line.store(), line.basket()));
    }
    JsonNode spine =
        stack
            .client()
            .json(
                Service.FEATURE_STORE,
                stack
                    .client()
                    .request(
                        Service.FEATURE_STORE, path("/datasets/spines"), Duration.ofSeconds(60))
                    .header("Content-Type", "application/octet-stream")
                    .POST(HttpRequest.BodyPublishers.ofString(csv.toString()))
                    .build());
    String id =
        stack
            .client()
            .post(
                Service.FEATURE_STORE,
                path("/datasets"),
                Json.mapper()
                    .valueToTree(
                        Map.of(
                            "spine",
                            spine.path("id").asString(),
                            "features",
                            List.of("basket_lines.n", "basket_lines.cents"))))
            .path("datasetId")
            .asString();
    stack.until(
        Service.FEATURE_STORE,
        () ->
            stack
                .client()
                .get(Service.FEATURE_STORE, path("/datasets/" + id))
                .path("status")
                .asString("")
                .equals("READY"),
        () -> stack.client().get(Service.FEATURE_STORE, path("/datasets/" + id)).toString());
    Path file = folder.resolve("rows.parquet");
    Files.write(
        file,
        stack
            .client()
            .send(
                Service.FEATURE_STORE,
                stack
                    .client()
                    .request(
                        Service.FEATURE_STORE,
                        path("/datasets/" + id + "/files/rows.parquet"),
                        Duration.ofSeconds(60))
                    .GET()
                    .build(),
                HttpResponse.BodyHandlers.ofByteArray())
            .body());
    Dataset rows = Dataset.read(file);
    assertThat(rows.rows()).isEqualTo(LINES / 10);
    TreeSet<String> texts = new TreeSet<>();
    for (int row = 0; row < rows.rows(); row++) {
      List<String> key =
          List.of(
              String.valueOf(rows.texts("entity.basket.store")[row]),
              String.valueOf(rows.texts("entity.basket.basket_id")[row]));
      Line line = lines.get(row * 10);
      assertThat(key).isEqualTo(line.key());
      List<Line> before = of(key).stream().filter(each -> each.atMs() <= line.atMs()).toList();
      assertThat(rows.numbers("basket_lines.n")[row]).isEqualTo(before.size());
      assertThat(rows.numbers("basket_lines.cents")[row]).isEqualTo((double) cents(before));
      texts.add(String.valueOf(rows.texts("entity.basket")[row]));
    }
    assertThat(texts).contains("1:b~1a", "0:a~01");
  }

  private void predictionsSeeTheBasket(RunningStack stack) {
    JsonNode answer = predict(stack, Map.of("store", 1.0, "basket_id", "b:a"));
    JsonNode told = answer.path("predictions").path(0);
    List<Line> some = of(List.of("1", "b:a"));
    assertThat(told.path("entities").path("basket").asString()).isEqualTo("1:b~1a");
    assertThat(told.path("features").path("basket_lines.n").asLong()).isEqualTo(some.size());
    assertThat(told.path("features").path("basket_lines.cents").asLong()).isEqualTo(cents(some));
    assertThatThrownBy(() -> predict(stack, Map.of("store", 1)))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("entities.basket.basket_id")
        .hasMessageContaining("missing");
  }

  private JsonNode predict(RunningStack stack, Object key) {
    return stack
        .client()
        .post(
            Service.INFERENCE,
            path("/predictions"),
            Json.mapper()
                .valueToTree(
                    Map.of(
                        "entities",
                        Map.of("basket", key),
                        "request",
                        Map.of("cents", 100),
                        "at",
                        END_MS)));
  }

  private void catalogueNamesTheFields(RunningStack stack) {
    JsonNode feature =
        stack
            .client()
            .get(Service.FEATURE_STORE, path("/catalogue?q=basket_lines.n"))
            .path("features")
            .path(0);
    assertThat(feature.path("key").toString()).isEqualTo("[\"store\",\"basket_id\"]");
  }
}
