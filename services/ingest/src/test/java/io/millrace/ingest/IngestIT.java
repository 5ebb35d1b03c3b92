// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.common.topic.Topics;
import io.millrace.ingest.RunningIngest.Answer;
import io.millrace.ingest.RunningIngest.Books;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresBackends(kafka = true, redis = true)
class IngestIT {
  private static RunningIngest ingest;
  private String app;
  private String events;

  @BeforeAll
  static void start() {
    ingest = RunningIngest.start();
  }

  @AfterAll
  static void stop() {
    ingest.close();
  }

  static String shop(String name) {
    return """
    apiVersion: millrace/v1
    kind: Application
    metadata: {name: %s, description: A shop.}
    events:
      view:
        time: {field: at}
        schema:
          required: [price]
          properties:
            at: {type: string}
            user: {type: number}
            mail: {type: string}
            price: {type: number, minimum: 0}
            count: {type: integer}
            sku: {type: string, pattern: "^[A-Z]+$"}
            size: {type: string, enum: [S, M, L]}
            gift: {type: boolean}
            seen: {type: string, format: date-time}
        personal: {user: pseudonymise, mail: drop}
      order:
        time: {field: at, format: epoch_ms}
        id: order_id
        schema: {infer: true}
    entities:
      user: {key: user}
    """
        .formatted(name);
  }

  @BeforeEach
  void apply() {
    app = Backends.uniqueName("ingest");
    events = "/v1/applications/" + app + "/events/";
    Answer answer = ingest.put("/v1/applications/" + app, shop(app));
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(201);
  }

  private Books books() {
    return ingest.get("/v1/applications/" + app + "/books").books();
  }

  @Test
  void post_oneEvent_isPublishedCanonicalAndWithoutPersonalData() {
    Answer answer =
        ingest.post(
            events + "view",
            "application/json",
            """
            {"at": "2026-01-05T10:00:00Z", "user": 17850.0, "mail": "x@example.com", "price": 2,
             "count": 3.0, "gift": true, "seen": "2026-01-05T11:00:00+01:00", "extra": 1}
            """);

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.books()).isEqualTo(new Books(1, 1, 0, 0));
    String pseudonym =
        new Pseudonymiser(RunningIngest.PSEUDONYM_KEY).pseudonym(app, "user", "17850");
    assertThat(Log.values(new Topics(app).events("view")))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.key()).isEqualTo(pseudonym);
              assertThat(event.eventTimeMs()).isEqualTo(1_767_607_200_000L);
              assertThat(event.knownAtMs()).isGreaterThan(event.eventTimeMs());
              assertThat(event.data())
                  .isEqualTo(
                      Map.of(
                          "at",
                          "2026-01-05T10:00:00Z",
                          "user",
                          pseudonym,
                          "price",
                          2.0,
                          "count",
                          3L,
                          "gift",
                          true,
                          "seen",
                          1_767_607_200_000L));
            });
    assertThat(Log.records(new Topics(app).events("view").name()))
        .allSatisfy(
            record ->
                assertThat(new String(record.value(), StandardCharsets.UTF_8))
                    .doesNotContain("17850", "example.com"));
  }

  @Test
  void post_history_isKnownWhenItHappened() {
    ingest.post(
        events + "view?history=true",
        "application/json",
        "{\"at\": \"2011-01-05T10:00:00Z\", \"user\": 1, \"price\": 2}");

    assertThat(Log.values(new Topics(app).events("view")))
        .singleElement()
        .satisfies(event -> assertThat(event.knownAtMs()).isEqualTo(event.eventTimeMs()));
  }

  @Test
  void post_sameBatchAgain_addsNothing() {
    String csv =
        """
        at,user,price
        2026-01-05,1,2.5
        2026-01-05,1,2.5
        2026-01-05,,2.5
        2026-01-05,2,cheap
        """;
    String address = events + "view?batch=file-1&first=10";

    assertThat(ingest.post(address, "text/csv", csv).books()).isEqualTo(new Books(4, 2, 2, 0));
    assertThat(ingest.post(address, "text/csv", csv).books()).isEqualTo(new Books(4, 0, 0, 4));

    assertThat(books()).isEqualTo(new Books(8, 2, 2, 4));
    assertThat(Log.values(new Topics(app).events("view")))
        .extracting(Event::id)
        .containsExactlyInAnyOrder("file-1:10", "file-1:11");
    assertThat(Log.records(new Topics(app).rejected().name())).hasSize(2);
    Answer detail = ingest.get("/v1/applications/" + app + "/books");
    assertThat(detail.body().path("reasons").toString())
        .isEqualTo("{\"missing-key\":1,\"type\":1}");
    assertThat(detail.body().path("events").path("view").path("accepted").asLong()).isEqualTo(2);
  }

  @Test
  void post_sameBodyAgainWithoutBatch_addsNothing() {
    String body = "[{\"at\": \"2026-01-05\", \"user\": 1, \"price\": 1}]";

    ingest.post(events + "view", "application/json", body);
    ingest.post(events + "view", "application/json", body);

    assertThat(books()).isEqualTo(new Books(2, 1, 0, 1));
  }

  @Test
  void post_idField_dedupsAcrossAndWithinRequests() {
    String order = "{\"order_id\": 7, \"at\": 1767607200000, \"user\": 5, \"total\": 1.5}\n";
    String other = "{\"order_id\": \"8\", \"at\": 1767607200000, \"user\": \"5\"}\n";
    String bad = "{\"order_id\": 9, \"at\": 1767607200000}\n";
    String good = "{\"order_id\": 9, \"at\": 1767607200000, \"user\": 5}\n";

    Answer first = ingest.post(events + "order", "application/x-ndjson", order + order + other);
    Answer second = ingest.post(events + "order", "application/x-ndjson", order + bad + bad);
    Answer mended = ingest.post(events + "order", "application/x-ndjson", bad + good + good);

    assertThat(first.books()).isEqualTo(new Books(3, 2, 0, 1));
    assertThat(second.books()).isEqualTo(new Books(3, 0, 1, 2));
    assertThat(mended.number("accepted")).isEqualTo(1);
    assertThat(Log.values(new Topics(app).events("order")))
        .extracting(Event::id)
        .containsExactlyInAnyOrder("7", "8", "9");
    Books all = books();
    assertThat(all.in()).isEqualTo(9).isEqualTo(all.accepted() + all.rejected() + all.duplicates());
  }

  @Test
  void post_inferredCsv_typesNumbersButNotKeysAndIds() {
    String csv = "order_id,at,user,total,code,note\n007,1767607200000,17850.0,12.50,0042,\n";

    Answer answer = ingest.post(events + "order", "text/csv", csv);

    assertThat(answer.books()).isEqualTo(new Books(1, 1, 0, 0));
    Event event = Log.values(new Topics(app).events("order")).getFirst();
    assertThat(event.id()).isEqualTo("007");
    assertThat(event.key()).isEqualTo("17850");
    assertThat(event.data())
        .containsEntry("user", "17850")
        .containsEntry("total", 12.5)
        .containsEntry("code", "0042")
        .containsEntry("at", 1767607200000L)
        .doesNotContainKey("note");
  }

  @Test
  void post_gzip_isUnpacked() throws IOException {
    byte[] packed =
        gzip(
            "{\"at\": \"2026-01-05\", \"user\": 1, \"price\": 1}".getBytes(StandardCharsets.UTF_8));

    Answer answer =
        ingest.post(
            events + "view",
            Map.of("Content-Type", "application/json", "Content-Encoding", "gzip"),
            packed);

    assertThat(answer.books()).isEqualTo(new Books(1, 1, 0, 0));
  }

  @Test
  void post_cloudEvents_ofEveryMode() {
    String data = "{\"at\": \"2026-01-05\", \"user\": 1, \"price\": 1}";
    Answer binary =
        ingest.post(
            events + "view",
            Map.of(
                "Content-Type", "application/json",
                "ce-specversion", "1.0",
                "ce-id", "e1",
                "ce-type", "view",
                "ce-source", "/test"),
            data.getBytes(StandardCharsets.UTF_8));
    String structured =
        "{\"specversion\":\"1.0\",\"id\":\"%s\",\"type\":\"view\",\"source\":\"/t\",\"time\":\"2026-02-05T00:00:00Z\",\"data\":%s}";
    Answer one =
        ingest.post(
            events + "view",
            "application/cloudevents+json; charset=utf-8",
            structured.formatted("e2", "{\"user\": 1, \"price\": 1}"));
    Answer batch =
        ingest.post(
            events + "view",
            "application/cloudevents-batch+json",
            "["
                + structured.formatted("e2", data)
                + ","
                + structured.formatted("e3", data)
                + ",7]");

    assertThat(binary.books()).isEqualTo(new Books(1, 1, 0, 0));
    assertThat(one.books()).isEqualTo(new Books(1, 1, 0, 0));
    assertThat(batch.books()).isEqualTo(new Books(3, 1, 1, 1));
    List<Event> log = Log.values(new Topics(app).events("view"));
    assertThat(log).extracting(Event::id).containsExactlyInAnyOrder("e1", "e2", "e3");
    // The data of e2 names no time: the CloudEvent's stands in.
    assertThat(log)
        .filteredOn(each -> each.id().equals("e2"))
        .singleElement()
        .satisfies(each -> assertThat(each.eventTimeMs()).isEqualTo(1_770_249_600_000L));
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
