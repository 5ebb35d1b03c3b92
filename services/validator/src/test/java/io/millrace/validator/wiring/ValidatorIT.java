// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.contract.SkewJudged;
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
import io.millrace.validator.model.HeldOut;
import io.millrace.validator.model.OtherServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** The whole service on a real broker, its neighbours' files over real HTTP. */
@RequiresBackends(kafka = true)
final class ValidatorIT {
  private static final Duration LIMIT = Duration.ofSeconds(300);
  private static final long HOUR_MS = 3_600_000;

  @TempDir Path folder;

  private static ApplicationDefinition definition(String app) {
    return definition(app, "");
  }

  /** With more about validation, as JSON that begins with a comma. */
  private static ApplicationDefinition definition(String app, String more) {
    return Json.mapper()
        .readValue(
            """
            {"apiVersion": "millrace/v1", "kind": "Application", "metadata": {"name": "%s"},
             "events": {"view": {"time": {"field": "at", "format": "epoch_ms"},
                                 "allowedLateness": "10m", "schema": {"infer": true}}},
             "entities": {"user": {"key": "user"}}, "featureViews": {},
             "label": {"name": "buys", "decidedAt": "view", "value": "price > 50.0"},
             "model": {"features": ["user.x"]},
             "gates": {"auc": {"atLeast": 0.6, "notWorseThanChampionBy": 0.0}},
             "validation": {"span": "1h", "skew": {"everySpans": 1} %s}}
            """
                .formatted(app, more),
            ApplicationDefinition.class);
  }

  private static Event view(String app, int number, long timeMs, double factor) {
    Map<String, Object> data = new HashMap<>();
    data.put("user", "u" + number % 97);
    data.put("price", factor * (1 + number * 7919 % 1000 / 10.0));
    data.put("at", timeMs);
    return new Event(app, "view", "v" + number, "u" + number % 97, timeMs, timeMs, data);
  }

  private ConfigurableApplicationContext start(URI others) {
    return new SpringApplicationBuilder(ValidatorApplication.class)
        .web(WebApplicationType.SERVLET)
        .run(
            "--server.port=0",
            "--millrace.kafka=" + Backends.kafka().bootstrapServers(),
            "--spring.cloud.stream.kafka.binder.brokers=" + Backends.kafka().bootstrapServers(),
            "--millrace.api-key=test-key",
            "--millrace.pseudonym-key=0123456789abcdef",
            "--millrace.data=" + folder.resolve("data"),
            "--millrace.urls.trainer=" + others,
            "--millrace.urls.feature-store=" + others);
  }

  @Test
  void service_eventsAndCandidates_getTheirVerdicts() {
    String app = Backends.uniqueName("validator");
    ApplicationDefinition definition = definition(app);
    Topics topics = new Topics(app);
    try (OtherServices others = new OtherServices();
        Admin admin =
            Admin.create(new KafkaSettings(Backends.kafka().bootstrapServers()).admin())) {
      TopicCreation.ensure(admin, List.of(Topics.APPLICATIONS), LIMIT);
      TopicCreation.ensure(admin, topics.all(definition), LIMIT);
      try (ConfigurableApplicationContext context = start(others.url())) {
        Publisher publisher = context.getBean(Publisher.class);
        publisher.publish(
            Topics.APPLICATIONS, app, new ApplicationApplied(app, 1, "h", 1, definition), LIMIT);
        dataHalf(app, topics, publisher, context);
        modelHalf(app, topics, publisher, others);
        skew(app, topics, publisher, others, context);
        skewOfASpan(app, topics, publisher, context);
        override(app, topics, publisher, definition);
        spansWithoutRows(app, context);
        silentSource(app, topics, publisher, context);
        JsonNode evaluation = get(context, "/v1/applications/" + app + "/evaluations/1");
        assertThat(evaluation.get("blessed").asBoolean()).isTrue();
        assertThat(status(context, "/v1/applications/" + app + "/evaluations/99")).isEqualTo(404);
        assertThat(status(context, "/v1/applications/nosuch/verdicts")).isEqualTo(404);
        assertThat(status(context, "/actuator/health/readiness")).isEqualTo(200);
      }
      rowsThatWaited(app, topics, others.url());
    }
  }

  private void dataHalf(
      String app, Topics topics, Publisher publisher, ConfigurableApplicationContext context) {
    int number = 0;
    for (int hour = 0; hour < 9; hour++) {
      for (int i = 0; i < 400; i++) {
        Event event = view(app, number++, hour * HOUR_MS + i * 9_000, hour == 7 ? 100 : 1);
        publisher.send(topics.events("view"), event.key(), event);
      }
    }
    // One row two hours on in every partition lets all of them pass the last span's end.
    for (int i = 0; i < 97; i++) {
      Event event = view(app, number++, 11 * HOUR_MS, 1);
      publisher.send(topics.events("view"), event.key(), event);
    }
    Map<String, DataVerdict> verdicts =
        Await.value(
            () -> {
              Map<String, DataVerdict> read = read(topics.dataVerdicts());
              return read.size() == 9 && read.values().stream().allMatch(each -> each.rows() == 400)
                  ? Optional.of(read)
                  : Optional.empty();
            },
            LIMIT,
            () ->
                "verdicts: "
                    + read(topics.dataVerdicts()).values().stream()
                        .map(each -> each.span() + " " + each.rows())
                        .toList());
    assertThat(
            verdicts.values().stream()
                .filter(each -> each.status() == DataVerdict.Status.BAD)
                .map(DataVerdict::span))
        .containsExactly("1970-01-01T07:00:00Z");
    JsonNode served = get(context, "/v1/applications/" + app + "/verdicts?event=view");
    assertThat(served.get("verdicts").size()).isEqualTo(9);
    assertThat(served.get("open").get("view").get(0).asString()).isEqualTo("1970-01-01T11:00:00Z");
    String span = "/v1/applications/" + app + "/verdicts/view/1970-01-01T07:00:00Z";
    HttpResponse<String> report = ask(context, span + "/report");
    assertThat(report.statusCode()).as(report.body()).isEqualTo(200);
    assertThat(report.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
    assertThat(report.body()).contains("UNIT_CHANGE", "×100", "7 good spans before", "<svg");
    JsonNode price = get(context, span + "/statistics").get("columns").get("price");
    assertThat(price.get("rows").asInt()).isEqualTo(400);
    assertThat(status(context, span.replace("07:00", "23:00") + "/report")).isEqualTo(404);
    assertThat(status(context, span.replace("1970-01-01T07", "x") + "/report")).isEqualTo(400);
    JsonNode users = get(context, "/v1/applications/" + app + "/classes/view/user");
    assertThat(users.get("spans").asInt()).isEqualTo(9);
    assertThat(users.get("bad").asInt()).isEqualTo(1);
    assertThat(rows(users.get("stages").get(0))).isEqualTo(3_600);
    assertThat(rows(users.get("stages").get(1))).isEqualTo(3_200);
    assertThat(users.get("stages").get(1).has("jump")).isFalse();
    String classes = "/v1/applications/" + app + "/classes/view/";
    assertThat(status(context, classes + "price")).isEqualTo(400);
    assertThat(status(context, classes + "nosuch")).isEqualTo(404);
    JsonNode schema = get(context, "/v1/applications/" + app + "/schemas/view");
    assertThat(schema.get("latest").get("columns").get("price").get("type").asString())
        .isEqualTo("FLOAT");
    curation(app, context);
  }

  private static long rows(JsonNode stage) {
    return stage.get("rows").valueStream().mapToLong(JsonNode::asLong).sum();
  }

  private static void curation(String app, ConfigurableApplicationContext context) {
    String schema = "/v1/applications/" + app + "/schemas/view";
    int before = get(context, schema).get("latest").get("version").asInt();
    String decision =
        "{\"by\": \"ada\", \"reason\": \"sensor range\","
            + " \"edits\": [{\"column\": \"price\", \"low\": 0.5, \"high\": 500},"
            + " {\"column\": \"user\", \"rules\": {\"pattern\": \"u[0-9]+\"}}]}";
    assertThat(post(context, schema + "/decisions", "wrong", decision).statusCode()).isEqualTo(401);
    HttpResponse<String> refused =
        post(
            context,
            schema + "/decisions",
            "test-key",
            "{\"edits\": [{\"column\": \"nosuch\"}, {\"column\": \"price\", \"low\": 9, \"high\":"
                + " 1}]}");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("\"by\"", "edits[0].column", "edits[1].low");
    assertThat(post(context, schema + "/decisions", "test-key", decision).statusCode())
        .isEqualTo(202);
    JsonNode latest =
        Await.value(
            () ->
                Optional.of(get(context, schema).get("latest"))
                    .filter(each -> each.get("version").asInt() == before + 1),
            LIMIT,
            () -> "schema: " + get(context, schema));
    assertThat(latest.get("curation").get("by").asString()).isEqualTo("ada");
    assertThat(latest.get("columns").get("price").get("high").asDouble()).isEqualTo(500);
  }

  private void modelHalf(String app, Topics topics, Publisher publisher, OtherServices others) {
    others.dataset(app, HeldOut.learnable(folder, 600));
    ModelVersionChanged first = others.candidate(app, "1", HeldOut.model(1));
    // The trainer is down when the candidate comes: it must not be lost.
    others.down(true);
    publisher.publish(topics.models(), "1", first, LIMIT);
    ModelVersionChanged second = others.candidate(app, "2", HeldOut.model(-1));
    publisher.publish(topics.models(), "2", second, LIMIT);
    others.down(false);
    awaitStatus(topics, "1", Status.BLESSED);
    ModelVersionChanged refused = awaitStatus(topics, "2", Status.REFUSED);
    assertThat(refused.transitions()).hasSize(2);
    assertThat(refused.transitions().getLast().by()).isEqualTo("validator");
    assertThat(refused.transitions().getLast().reasons().getFirst()).startsWith("FAILED");
    assertThat(refused.metrics()).containsKeys("train.rows", "gate.auc", "baseline.majority.auc");
    // Delivered again, each is left as it is: the next candidate's verdict comes right after them.
    publisher.publish(topics.models(), "3", others.candidate(app, "3", HeldOut.model(2)), LIMIT);
    awaitStatus(topics, "3", Status.BLESSED);
    assertThat(all(topics.models()))
        .extracting(each -> each.version() + " " + each.status())
        .containsExactlyInAnyOrder(
            "1 CANDIDATE", "2 CANDIDATE", "1 BLESSED", "2 REFUSED", "3 CANDIDATE", "3 BLESSED");
  }

  /** Fifty vectors as served, of which three differ from the rows of the dataset. */
  private void skew(
      String app,
      Topics topics,
      Publisher publisher,
      OtherServices others,
      ConfigurableApplicationContext context) {
    HeldOut.Written written = HeldOut.learnable(folder, 600);
    others.dataset(app, written);
    served(app, topics, publisher, written, 0);
    String path = "/v1/applications/" + app + "/skew";
    assertThat(post(context, path, "wrong", "{}").statusCode()).isEqualTo(401);
    HttpResponse<String> answer = post(context, path, "test-key", "{\"dataset\": \"d1\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode report = Json.mapper().readTree(answer.body());
    assertThat(report.get("joined").asInt()).isEqualTo(50);
    assertThat(report.get("mismatchedRows").asInt()).isEqualTo(3);
    assertThat(report.get("features").get(0).get("predictions").toString())
        .isEqualTo("[\"e27\",\"e47\",\"e7\"]");
    assertThat(post(context, path, "test-key", "{}").body()).contains("there is no champion");
    assertThat(post(context, path, "test-key", "{\"dataset\": \"d9\"}").statusCode())
        .isEqualTo(400);
  }

  /** The same vectors in the span that is open: once it closes, nobody has to ask. */
  private void skewOfASpan(
      String app, Topics topics, Publisher publisher, ConfigurableApplicationContext context) {
    served(app, topics, publisher, HeldOut.learnable(folder, 600), 11 * HOUR_MS);
    for (int i = 0; i < 97; i++) {
      Event event = view(app, 10_000 + i, 14 * HOUR_MS, 1);
      publisher.send(topics.events("view"), event.key(), event);
    }
    SkewJudged judged =
        Await.value(
            () -> all(topics.skewVerdicts()).stream().findFirst(),
            LIMIT,
            () -> "verdicts: " + read(topics.dataVerdicts()).keySet());
    assertThat(judged.span()).isEqualTo("1970-01-01T11:00:00Z");
    assertThat(judged.status()).isEqualTo(SkewJudged.Status.SKEWED);
    assertThat(judged.mismatchedRows()).isEqualTo(3);
    assertThat(judged.reasons().getFirst()).contains("3 of 50 predictions", "user.x");
    JsonNode known = get(context, "/v1/applications/" + app + "/skew");
    assertThat(known.get(0).get("features").get(0).get("name").asString()).isEqualTo("user.x");
    JsonNode verdicts = get(context, "/v1/applications/" + app + "/verdicts?event=view");
    assertThat(verdicts.get("skew").size()).isEqualTo(1);
    String report = "/v1/applications/" + app + "/verdicts/view/1970-01-01T11:00:00Z/report";
    assertThat(ask(context, report).body()).contains("Training and serving", "skewed", "e27");
  }

  /** A person lets the bad hour pass: it is judged again, and says who and why. */
  private static void override(
      String app, Topics topics, Publisher publisher, ApplicationDefinition definition) {
    String hour = "1970-01-01T07:00:00Z";
    assertThat(read(topics.dataVerdicts()).get("view/" + hour).status())
        .isEqualTo(DataVerdict.Status.BAD);
    String json = Json.mapper().writeValueAsString(definition);
    List<String> kinds =
        read(topics.dataVerdicts()).get("view/" + hour).errors().stream()
            .map(DataVerdict.Anomaly::kind)
            .distinct()
            .map(
                kind ->
                    "{\"kind\":\"%s\",\"span\":\"%s\",\"severity\":\"WARNING\",\"by\":\"ada\",\"reason\":\"a sale\"}"
                        .formatted(kind, hour))
            .toList();
    ApplicationDefinition next =
        Json.mapper()
            .readValue(
                json.replace("\"overrides\":[]", "\"overrides\":[" + String.join(",", kinds) + "]"),
                ApplicationDefinition.class);
    publisher.publish(
        Topics.APPLICATIONS, app, new ApplicationApplied(app, 2, "h2", 2, next), LIMIT);
    DataVerdict passed =
        Await.value(
            () ->
                Optional.of(read(topics.dataVerdicts()).get("view/" + hour))
                    .filter(each -> each.status() == DataVerdict.Status.GOOD),
            LIMIT,
            () -> "still " + read(topics.dataVerdicts()).get("view/" + hour));
    assertThat(passed.anomalies()).anyMatch(each -> each.message().contains("ada says \"a sale\""));
    publisher.publish(
        Topics.APPLICATIONS, app, new ApplicationApplied(app, 3, "h3", 3, definition), LIMIT);
    Await.until(
        () -> read(topics.dataVerdicts()).get("view/" + hour).status() == DataVerdict.Status.BAD,
        LIMIT,
        () -> "not recalled: " + read(topics.dataVerdicts()).get("view/" + hour));
  }

  /** Nothing came from nine to eleven: one verdict, which is that of either hour. */
  private static void spansWithoutRows(String app, ConfigurableApplicationContext context) {
    String verdicts = "/v1/applications/" + app + "/verdicts";
    JsonNode gap =
        get(context, verdicts + "?event=view")
            .get("verdicts")
            .valueStream()
            .filter(each -> each.get("rows").asLong() == 0)
            .findFirst()
            .orElseThrow();
    assertThat(gap.get("span").asString()).isEqualTo("1970-01-01T09:00:00Z");
    assertThat(gap.get("endMs").asLong()).isEqualTo(11 * HOUR_MS);
    assertThat(gap.get("status").asString()).isEqualTo("GOOD");
    assertThat(gap.get("anomalies").get(0).get("kind").asString()).isEqualTo("NO_DATA_IN_SPAN");
    for (String hour : List.of("09", "10")) {
      String span = verdicts + "/view/1970-01-01T" + hour + ":00:00Z";
      HttpResponse<String> report = ask(context, span + "/report");
      assertThat(report.statusCode()).as(report.body()).isEqualTo(200);
      assertThat(report.body())
          .contains("NO_DATA_IN_SPAN", "no row in 2 spans", "there are no columns to show", "<svg");
      HttpResponse<String> statistics = ask(context, span + "/statistics");
      assertThat(statistics.statusCode()).isEqualTo(404);
      assertThat(statistics.body()).contains("has no rows");
    }
  }

  /** A source that may rest for five seconds has sent nothing for longer, and sends again. */
  private static void silentSource(
      String app, Topics topics, Publisher publisher, ConfigurableApplicationContext context) {
    ApplicationDefinition fresh =
        definition(app, ", \"events\": {\"view\": {\"freshness\": \"5s\"}}");
    publisher.publish(
        Topics.APPLICATIONS, app, new ApplicationApplied(app, 4, "h4", 4, fresh), LIMIT);
    String silence = "/v1/applications/" + app + "/verdicts/view/silence";
    String report =
        Await.value(
            () ->
                Optional.of(ask(context, silence + "/report"))
                    .filter(each -> each.statusCode() == 200)
                    .map(HttpResponse::body),
            LIMIT,
            () -> ask(context, silence + "/report").body());
    assertThat(report)
        .contains("SOURCE_SILENT", "a row at least every 5s", "1970-01-01T14:00:00Z")
        .doesNotContain("Rows come again");
    JsonNode told = get(context, "/v1/applications/" + app + "/verdicts?event=view");
    JsonNode last = told.get("verdicts").valueStream().reduce((a, b) -> b).orElseThrow();
    assertThat(last.get("span").asString()).isEqualTo(DataVerdict.SILENCE);
    assertThat(last.get("status").asString()).isEqualTo("BAD");
    assertThat(status(context, silence + "/statistics")).isEqualTo(404);
    Event again = view(app, 20_000, 14 * HOUR_MS + 1, 1);
    publisher.publish(topics.events("view"), again.key(), again, LIMIT);
    DataVerdict heard =
        Await.value(
            () ->
                all(topics.dataVerdicts()).stream()
                    .filter(each -> each.span().equals(DataVerdict.SILENCE))
                    .filter(each -> each.status() == DataVerdict.Status.GOOD)
                    .findFirst(),
            LIMIT,
            () -> "verdicts: " + read(topics.dataVerdicts()).get("view/silence"));
    assertThat(heard.startMs()).isEqualTo(14 * HOUR_MS + 1);
    assertThat(heard.endMs()).isEqualTo(heard.startMs());
  }

  /** Rows that wait for the service to start are held against what was decided before. */
  private void rowsThatWaited(String app, Topics topics, URI others) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            new KafkaSettings(Backends.kafka().bootstrapServers()).producer(),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      Publisher publisher = new Publisher(producer);
      for (int i = 0; i < 400; i++) {
        Event event = view(app, 30_000 + i, 16 * HOUR_MS + i, 1);
        Map<String, Object> data = new HashMap<>(event.data());
        data.compute("user", (field, user) -> event.eventTimeMs() % 10 == 0 ? "?" : user);
        publisher.send(
            topics.events("view"),
            event.key(),
            new Event(
                app,
                "view",
                event.id(),
                event.key(),
                event.eventTimeMs(),
                event.knownAtMs(),
                data));
      }
      for (int i = 0; i < 97; i++) {
        Event event = view(app, 40_000 + i, 18 * HOUR_MS, 1);
        publisher.send(topics.events("view"), event.key(), event);
      }
      producer.flush();
    }
    String span = "view/1970-01-01T16:00:00Z";
    try (ConfigurableApplicationContext context = start(others)) {
      DataVerdict judged =
          Await.value(
              () ->
                  Optional.ofNullable(read(topics.dataVerdicts()).get(span))
                      .filter(each -> each.rows() == 400),
              LIMIT,
              () -> "verdicts: " + read(topics.dataVerdicts()).keySet());
      assertThat(judged.anomalies())
          .extracting(DataVerdict.Anomaly::observed)
          .anyMatch(each -> each.contains("of 400 strings that were looked at (40), such as '?'"));
      assertThat(status(context, "/actuator/health/readiness")).isEqualTo(200);
    }
  }

  private void served(
      String app, Topics topics, Publisher publisher, HeldOut.Written written, long fromMs) {
    for (int i = 0; i < 50; i++) {
      double x = ((Number) written.rows().value("user.x", i)).doubleValue();
      String id = String.valueOf(written.rows().value("prediction_id", i));
      PredictionServed served =
          new PredictionServed(
              app,
              id,
              Map.of(),
              "1",
              "champion",
              0.5,
              Map.of("user.x", i % 20 == 7 ? x + 1 : x),
              Map.of(),
              fromMs + i,
              fromMs + i,
              1,
              "event",
              null);
      publisher.publish(topics.predictions(), "u" + i, served, LIMIT);
    }
  }

  private static ModelVersionChanged awaitStatus(Topics topics, String version, Status status) {
    return Await.value(
        () ->
            Optional.ofNullable(read(topics.models()).get(version))
                .filter(each -> each.status() == status),
        LIMIT,
        () -> "models: " + read(topics.models()).values());
  }

  private static <V> Map<String, V> read(Topic<String, V> topic) {
    Map<String, V> latest = new HashMap<>();
    records(topic).forEach(record -> latest.put(record.key(), record.value()));
    return latest;
  }

  private static <V> List<V> all(Topic<String, V> topic) {
    return records(topic).stream().map(ConsumerRecord::value).toList();
  }

  private static <V> List<ConsumerRecord<String, V>> records(Topic<String, V> topic) {
    return TopicRecords.of(new KafkaSettings(Backends.kafka().bootstrapServers()), topic);
  }

  private static HttpResponse<String> ask(ConfigurableApplicationContext context, String path) {
    return send(context, path, HttpRequest.newBuilder());
  }

  private static HttpResponse<String> post(
      ConfigurableApplicationContext context, String path, String key, String body) {
    return send(
        context,
        path,
        HttpRequest.newBuilder()
            .header("Content-Type", "application/json")
            .header("X-API-Key", key)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static HttpResponse<String> send(
      ConfigurableApplicationContext context, String path, HttpRequest.Builder request) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      String port = context.getEnvironment().getProperty("local.server.port");
      return client.send(
          request.uri(URI.create("http://127.0.0.1:" + port + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static int status(ConfigurableApplicationContext context, String path) {
    return ask(context, path).statusCode();
  }

  private static JsonNode get(ConfigurableApplicationContext context, String path) {
    HttpResponse<String> response = ask(context, path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Json.mapper().readTree(response.body());
  }
}
