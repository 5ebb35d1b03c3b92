// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.common.serde.Json;
import io.millrace.common.topic.Topics;
import io.millrace.inference.adapter.kafka.Broker;
import io.millrace.inference.wiring.InferenceApplication;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelPackage;
import io.millrace.models.engine.Device;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** The service as it is started, with its package on disk and nobody else there. */
@RequiresBackends(kafka = true)
class InferenceHttpIT {
  private static final String KEY = "a key of tests";
  private static final String PSEUDONYM_KEY = "a key of tests, 16 bytes";
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Broker BROKER = new Broker();

  @TempDir static Path folder;
  private static String app;
  private static ModelPackage model;
  private static ConfigurableApplicationContext context;

  @BeforeAll
  static void start() {
    app = Backends.uniqueName("http");
    ApplicationDefinition definition = Yarns.definition(app);
    BROKER.create(definition);
    model = Yarns.train(app, 1, false);
    Yarns.cache(folder.resolve("inference").resolve("packages"), app, model);
    // Nothing listens on port 1: neither trainer nor feature store is there.
    context =
        new SpringApplicationBuilder(InferenceApplication.class)
            .run(
                "--server.port=0",
                "--millrace.kafka=" + Backends.kafka().bootstrapServers(),
                "--spring.cloud.stream.kafka.binder.brokers=" + Backends.kafka().bootstrapServers(),
                "--millrace.api-key=" + KEY,
                "--millrace.pseudonym-key=" + PSEUDONYM_KEY,
                "--millrace.data=" + folder,
                "--millrace.urls.trainer=http://127.0.0.1:1",
                "--millrace.urls.feature-store=http://127.0.0.1:1");
    BROKER.write(Topics.APPLICATIONS, app, new ApplicationApplied(app, 1, "hash", 0, definition));
    BROKER.write(new Topics(app).models(), "1", Yarns.version(app, "1", model, 0, Status.CHAMPION));
    Await.until(
        () -> get("/v2/models/" + app + "/ready").status() == 200,
        Duration.ofSeconds(90),
        () -> get("/v1/applications/" + app + "/serving").body().toString());
  }

  @AfterAll
  static void stop() {
    context.close();
    BROKER.close();
  }

  private record Answer(int status, JsonNode body) {
    String rule() {
      return body.path("violations").path(0).path("rule").asString();
    }
  }

  private static Answer get(String path) {
    return send(HttpRequest.newBuilder(uri(path)).GET());
  }

  private static Answer post(String path, String body) {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .header("X-API-Key", KEY)
            .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"'))));
  }

  private static URI uri(String path) {
    int port = ((WebServerApplicationContext) context).getWebServer().getPort();
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private static Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<byte[]> response =
          CLIENT.send(
              request.timeout(Duration.ofSeconds(30)).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), Json.mapper().readTree(response.body()));
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static double score(double price, String kind) {
    try (LoadedModel loaded = LoadedModel.of(model, Device.CPU)) {
      return loaded.score(Map.of("event.price", price, "event.kind", kind));
    }
  }

  @Test
  void infer_columns_scoresThem() {
    Answer answer =
        post(
            "/v2/models/" + app + "/versions/1/infer",
            """
            {'id': 'x', 'inputs': [
              {'name': 'event.price', 'shape': [2, 1], 'datatype': 'FP64', 'data': [3, 18.5]},
              {'name': 'event.kind', 'shape': [2], 'datatype': 'BYTES', 'data': ['wool', 'silk']}]}
            """);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
    assertThat(answer.body().path("id").asString()).isEqualTo("x");
    JsonNode output = answer.body().path("outputs").path(0);
    assertThat(output.path("data").path(0).asDouble()).isEqualTo(score(3, "wool"));
    assertThat(output.path("data").path(1).asDouble()).isEqualTo(score(18.5, "silk"));
    JsonNode metadata = get("/v2/models/" + app).body();
    assertThat(metadata.path("inputs").path(1).path("datatype").asString()).isEqualTo("BYTES");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "required  | []",
        "required  | [{'data': [1]}]",
        "unknown-input | [{'name': 'price', 'data': [1]}]",
        "duplicate | [{'name': 'event.price', 'data': [1]}, {'name': 'event.price', 'data': [2]}]",
        "size      | [{'name': 'event.price', 'data': []}]",
        "shape     | [{'name': 'event.price', 'shape': [3], 'data': [1, 2]}]",
        "shape     | [{'name': 'event.price', 'shape': [-1, -2], 'data': [1, 2]}]",
        "shape     | [{'name': 'event.price', 'shape': [null], 'data': [1]}]",
        "shape | [{'name': 'event.price', 'data': [1]}, {'name': 'event.kind', 'data': ['a',"
            + " 'b']}]",
        "datatype  | [{'name': 'event.price', 'datatype': 'BYTES', 'data': ['1']}]",
        "type      | [{'name': 'event.price', 'data': ['much']}]",
        "type      | [{'name': 'event.kind', 'data': [['wool']]}]"
      })
  void infer_badRequest_namesTheRule(String rule, String inputs) {
    Answer answer = post("/v2/models/" + app + "/infer", "{'inputs': " + inputs + "}");
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    assertThat(answer.rule()).as("%s", answer.body()).isEqualTo(rule);
  }

  @Test
  void infer_unknownModelOrVersion_is404() {
    assertThat(post("/v2/models/nobody/infer", "{'inputs': []}").status()).isEqualTo(404);
    assertThat(post("/v2/models/" + app + "/versions/9/infer", "{'inputs': []}").status())
        .isEqualTo(404);
  }

  @Test
  void predict_question_isAnsweredHashedAndFoundByPolling() {
    Answer answer =
        post(
            "/v1/applications/" + app + "/predictions",
            """
            {'id': 'q-1', 'entities': {'customer': 'Ann'}, 'at': '2026-01-05T10:00:00Z',
             'request': {'price': 4, 'kind': 'wool'}}
            """);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
    JsonNode told = answer.body().path("predictions").path(0);
    assertThat(told.path("score").asDouble()).isEqualTo(score(4, "wool"));
    assertThat(told.path("entities").path("customer").asString())
        .isEqualTo(new Pseudonymiser(PSEUDONYM_KEY).pseudonym(app, "user", "Ann"));
    Await.until(
        () ->
            get("/v1/applications/" + app + "/predictions?waitMs=1000")
                .body()
                .toString()
                .contains("\"q-1\""),
        Duration.ofSeconds(60),
        () -> "not on the topic");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "unknown-field  | {'request': {'size': 1}}",
        "type           | {'request': {'price': [1]}}",
        "unknown-entity | {'entities': {'planet': 'Mars'}}",
        "missing-key    | {'entities': {'customer': ' '}}",
        "time-format    | {'at': 'yesterday'}",
        "length         | {'id': ''}",
        "size           | {'instances': []}",
        "required       | {'instances': [null]}"
      })
  void predict_badRequest_namesTheRule(String rule, String body) {
    Answer answer = post("/v1/applications/" + app + "/predictions", body);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    assertThat(answer.rule()).as("%s", answer.body()).isEqualTo(rule);
  }

  @Test
  void predict_applicationWithoutChampion_isAConflictOnceItsVersionsAreKnown() {
    String untrained = Backends.uniqueName("untrained");
    ApplicationDefinition definition = Yarns.definition(untrained);
    BROKER.create(definition);
    BROKER.write(
        Topics.APPLICATIONS,
        untrained,
        new ApplicationApplied(untrained, 1, "hash", 0, definition));
    String path = "/v1/applications/" + untrained + "/predictions";
    String question = "{'request': {'price': 4}}";
    Await.until(
        () -> post(path, question).status() == 409,
        Duration.ofSeconds(60),
        () -> post(path, question).body().toString());
    assertThat(get("/v2/models/" + untrained + "/ready").status()).isEqualTo(409);
  }

  @ParameterizedTest
  @CsvSource({"limit=0,range", "limit=1001,range", "waitMs=-1,range", "after=x,cursor"})
  void poll_badRequest_namesTheRule(String query, String rule) {
    Answer answer = get("/v1/applications/" + app + "/predictions?" + query);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.rule()).isEqualTo(rule);
  }
}
