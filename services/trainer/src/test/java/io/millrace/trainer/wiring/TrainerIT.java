// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import io.millrace.testkit.backend.TopicRecords;
import io.millrace.trainer.run.RunRecord;
import io.millrace.trainer.run.RunState;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** The whole service on a real broker, up to where the other services would be needed. */
@RequiresBackends(kafka = true)
class TrainerIT {
  private static final Duration LIMIT = Duration.ofSeconds(300);
  private static final String KEY = "test-key";

  @TempDir Path folder;

  private final String app = Backends.uniqueName("shop");
  private final Topics topics = new Topics(app);
  private final KafkaSettings settings = new KafkaSettings(Backends.kafka().bootstrapServers());
  private final HttpClient client = HttpClient.newHttpClient();
  private ConfigurableApplicationContext context;
  private KafkaProducer<byte[], byte[]> producer;

  @BeforeEach
  void applied() throws Exception {
    producer =
        new KafkaProducer<>(
            settings.producer(), new ByteArraySerializer(), new ByteArraySerializer());
    ApplicationDefinition definition = definition();
    try (Admin admin = Admin.create(settings.admin())) {
      TopicCreation.ensure(admin, List.of(Topics.APPLICATIONS), LIMIT);
      TopicCreation.ensure(admin, topics.all(definition), LIMIT);
    }
    send(Topics.APPLICATIONS, app, new ApplicationApplied(app, 1, "h", 1, definition));
  }

  @AfterEach
  void stop() {
    if (context != null) {
      context.close();
    }
    producer.close();
  }

  @Test
  void training_untilRefused_isVisibleEverywhereAndRunOnceOverRestarts() throws Exception {
    // A run that waits for verdicts when the process stops …
    start("10m");
    send(topics.training(), "r1", request("r1"));
    awaitState("r1", RunState.WAITING_FOR_VERDICTS);
    send(topics.training(), "r2", request("r2"));
    awaitState("r2", RunState.QUEUED);
    context.close();
    assertThat(published()).isEmpty();

    // … is delivered again to the next one, and so is the one that was queued behind it.
    start("0s");
    awaitState("r1", RunState.REFUSED);
    awaitState("r2", RunState.REFUSED);
    assertThat(get("/runs/r1").get("reasons").get(0).asString())
        .startsWith("no data of 'view' has been judged yet");
    assertThat(published()).extracting(ModelVersionChanged::runId).containsExactly("r1", "r2");
    Await.until(
        () -> get("/models").get("models").size() == 2,
        LIMIT,
        () -> "models: " + get("/models").toString());
    assertThat(get("/models/run-r1").get("state").get("status").asString()).isEqualTo("REFUSED");
    awaitCommitted(2);
    context.close();

    // Ended runs are not run again.
    start("0s");
    send(topics.training(), "r3", request("r3"));
    awaitState("r3", RunState.REFUSED);
    assertThat(published())
        .extracting(ModelVersionChanged::runId)
        .containsExactly("r1", "r2", "r3");
    assertThat(get("/runs").get("runs").size()).isEqualTo(3);
  }

  @Test
  void http_wrongRequests_areAnsweredWithWhatIsWrong() throws Exception {
    start("0s");
    problem(send("GET", "/v1/applications/nosuch/runs", null), 404, "no application 'nosuch'");
    problem(send("GET", path("/runs/none"), null), 404, "no run 'none'");
    problem(send("GET", path("/models/7"), null), 404, "has no model version '7'");
    problem(send("GET", path("/models/7/package"), null), 404, "has no model version '7'");
    problem(send("GET", path("/models/..%2f..%2fx/package"), null), 400, "");
    problem(send("GET", path("/runs?limit=0"), null), 400, "limit");
    problem(send("POST", path("/training"), "{\"options\": {\"trails\": 3}}"), 400, "'trails'");
    problem(
        send("POST", path("/training"), "{\"options\": {\"algorithm\": \"forest\"}}"),
        400,
        "must be one of [logistic, mlp, xgboost]");
    problem(send("POST", path("/training"), "{\"fromMs\": 5, \"toMs\": 5}"), 400, "toMs");
    problem(send("POST", path("/training"), "{\"fromMs\": "), 400, "not JSON");
    HttpRequest keyless =
        HttpRequest.newBuilder(uri(path("/training")))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    problem(client.send(keyless, HttpResponse.BodyHandlers.ofString()), 401, "API key");
  }

  @Test
  void training_askedOverHttp_runsOnGoodSpansOnly() throws Exception {
    start("5s");
    send(
        topics.dataVerdicts(),
        "view/s0",
        new DataVerdict(
            app, "view", "s0", 0, 10, 5, DataVerdict.Status.BAD, 1, List.of(), Map.of(), 1));
    HttpResponse<String> accepted =
        send("POST", path("/training"), "{\"reason\": \"try\", \"options\": {\"seed\": 3}}");
    assertThat(accepted.statusCode()).isEqualTo(202);
    String runId = Json.mapper().readTree(accepted.body()).get("runId").asString();
    awaitState(runId, RunState.REFUSED);
    JsonNode run = get("/runs/" + runId);
    assertThat(run.get("reasons").get(0).asString()).endsWith("bad are [view/s0]");
    assertThat(run.get("seed").asInt()).isEqualTo(3);
    String metrics = send("GET", "/actuator/prometheus", null).body();
    assertThat(metrics).contains("millrace_trainer_runs_seconds_count{state=\"REFUSED\"} 1");
    assertThat(send("GET", "/actuator/health/readiness", null).body()).contains("\"runs\"");
  }

  @Test
  void training_whatIsNoRequest_isADeadLetterAndBlocksNothing() throws Exception {
    start("0s");
    producer
        .send(
            new ProducerRecord<>(
                topics.training().name(), new byte[] {1}, "{oops".getBytes(StandardCharsets.UTF_8)))
        .get(10, TimeUnit.SECONDS);
    send(topics.training(), "x", request("../../x"));
    send(topics.training(), "r1", request("r1"));
    awaitState("r1", RunState.REFUSED);
    assertThat(records(topics.rejected()))
        .hasSize(2)
        .allMatch(rejected -> rejected.reason().equals("malformed"));
  }

  private void start(String verdictWait) {
    context =
        new SpringApplicationBuilder(TrainerApplication.class)
            .run(
                "--server.port=0",
                "--millrace.kafka=" + settings.bootstrapServers(),
                "--spring.cloud.stream.kafka.binder.brokers=" + settings.bootstrapServers(),
                "--millrace.data=" + folder,
                "--millrace.api-key=" + KEY,
                "--millrace.pseudonym-key=0123456789abcdef0123456789abcdef",
                "--millrace.trainer.verdict-wait=" + verdictWait,
                "--millrace.trainer.verdict-quiet=" + verdictWait);
    Await.until(
        () -> send("GET", path("/runs"), null).statusCode() == 200,
        LIMIT,
        () -> "the application is not known yet");
  }

  private void awaitState(String runId, RunState state) {
    Await.until(
        () -> {
          HttpResponse<String> response = send("GET", path("/runs/" + runId), null);
          return response.statusCode() == 200
              && Json.mapper().readValue(response.body(), RunRecord.class).state() == state;
        },
        LIMIT,
        () -> "run " + runId + ": " + send("GET", path("/runs/" + runId), null).body());
  }

  private void awaitCommitted(long offset) throws Exception {
    TopicPartition partition = new TopicPartition(topics.training().name(), 0);
    try (Admin admin = Admin.create(settings.admin())) {
      Await.until(
          () ->
              Optional.ofNullable(
                          admin
                              .listConsumerGroupOffsets("trainer")
                              .partitionsToOffsetAndMetadata()
                              .get(10, TimeUnit.SECONDS)
                              .get(partition))
                      .map(committed -> committed.offset())
                      .orElse(0L)
                  >= offset,
          LIMIT,
          () -> "offset " + offset + " of " + partition + " is not committed");
    }
  }

  private List<ModelVersionChanged> published() {
    return records(topics.models());
  }

  private <T> List<T> records(Topic<String, T> topic) {
    return TopicRecords.values(settings, topic);
  }

  private TrainingRequested request(String runId) {
    return new TrainingRequested(app, runId, "user", "test", null, null, Map.of(), 1);
  }

  private <T> void send(Topic<String, T> topic, String key, T value) throws Exception {
    producer
        .send(
            new ProducerRecord<>(
                topic.name(),
                key.getBytes(StandardCharsets.UTF_8),
                topic.valueSerde().serializer().serialize(topic.name(), value)))
        .get(10, TimeUnit.SECONDS);
  }

  private JsonNode get(String path) {
    HttpResponse<String> response = send("GET", path(path), null);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Json.mapper().readTree(response.body());
  }

  private static void problem(HttpResponse<String> response, int status, String text) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).contains(text).doesNotContain("at io.millrace");
  }

  private String path(String path) {
    return "/v1/applications/" + app + path;
  }

  private URI uri(String path) {
    return URI.create(
        "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port") + path);
  }

  private HttpResponse<String> send(String method, String path, @Nullable String body) {
    try {
      return client.send(
          HttpRequest.newBuilder(uri(path))
              .header("X-API-Key", KEY)
              .header("Content-Type", "application/json")
              .method(
                  method,
                  body == null
                      ? HttpRequest.BodyPublishers.noBody()
                      : HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private ApplicationDefinition definition() {
    String json =
        """
        {"apiVersion": "millrace/v1", "kind": "Application", "metadata": {"name": "%s"},
         "events": {"view": {"time": {"field": "at", "format": "epoch_ms"},
           "schema": {"properties": {"user": {"type": "string"}, "price": {"type": "number"}}}}},
         "entities": {"user": {"key": "user"}},
         "featureViews": {"user": {"source": "view", "entity": "user",
           "features": {"views_7d": {"aggregate": "count", "window": "7d"}}}},
         "label": {"name": "buys", "decidedAt": "view", "value": "price > 50.0"},
         "model": {"features": ["user.*"]}}
        """
            .formatted(app);
    return Json.mapper().readValue(json, ApplicationDefinition.class);
  }
}
