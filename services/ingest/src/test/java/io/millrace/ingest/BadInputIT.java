// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.EventRejected;
import io.millrace.common.topic.Topics;
import io.millrace.ingest.RunningIngest.Answer;
import io.millrace.ingest.RunningIngest.Books;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever comes in, the answer names field and rule, and nothing else is affected. */
@RequiresBackends(kafka = true, redis = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputIT {
  private static final String JSON = "application/json";
  private static final String NDJSON = "application/x-ndjson";
  private static final String CSV = "text/csv";

  private RunningIngest ingest;
  private String app;

  @BeforeAll
  void start() {
    ingest = RunningIngest.start();
    app = Backends.uniqueName("bad");
    assertThat(ingest.put("/v1/applications/" + app, IngestIT.shop(app)).status()).isEqualTo(201);
  }

  @AfterAll
  void stop() {
    ingest.close();
  }

  /**
   * Bodies that are refused as a whole: status, and rule of the first violation where there is one.
   */
  Stream<Arguments> refused() throws IOException {
    byte[] bomb = IngestIT.gzip(new byte[200_000_000]);
    byte[] truncated = java.util.Arrays.copyOf(IngestIT.gzip(text("{\"user\": 1}")), 15);
    return Stream.of(
        Arguments.of("malformed JSON", "view", JSON, text("{\"user\": "), 400, "malformed"),
        Arguments.of("two JSON values", "view", JSON, text("{} {}"), 400, "malformed"),
        Arguments.of("NaN in JSON", "view", JSON, text("{\"price\": NaN}"), 400, "malformed"),
        Arguments.of(
            "invalid UTF-8", "view", JSON, bytes("{\"sku\": \"\u00e9\"}"), 400, "encoding"),
        Arguments.of("empty body", "view", JSON, text(""), 400, "empty"),
        Arguments.of("empty array", "view", JSON, text("[]"), 400, "empty"),
        Arguments.of("empty CSV", "view", CSV, text(""), 400, "empty"),
        Arguments.of("CSV of a header", "view", CSV, text("a,b\n"), 400, "empty"),
        Arguments.of("broken quote", "view", CSV, text("at,sku\n1,\"A\n2,B\n"), 400, "malformed"),
        Arguments.of(
            "text after a quote", "view", CSV, text("at,sku\n1,\"A\"B\n"), 400, "malformed"),
        Arguments.of("header names twice", "view", CSV, text("at,at\n1,2\n"), 400, "header"),
        Arguments.of("no gzip", "view", JSON + "+gzip", text("{}"), 400, "malformed"),
        Arguments.of("half a gzip", "view", JSON + "+gzip", truncated, 400, "malformed"),
        Arguments.of("gzip bomb", "view", JSON + "+gzip", bomb, 413, ""),
        Arguments.of("10 MB", "view", JSON, new byte[10_000_000], 413, ""),
        Arguments.of("25 MB", "view", JSON, new byte[25_000_000], 413, ""),
        Arguments.of("too many rows", "view", NDJSON, text("{}\n".repeat(20_001)), 413, ""),
        Arguments.of("unknown event", "visit", JSON, text("{}"), 404, ""),
        Arguments.of("unknown type", "view", "application/xml", text("<a/>"), 415, ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void post_refusedWhole_isAProblemAndAddsNothing(
      String name, String event, String type, byte[] body, int status, String rule) {
    Books before = books();
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", type.replace("+gzip", ""));
    if (type.endsWith("+gzip")) {
      headers.put("Content-Encoding", "gzip");
    }

    Answer answer = ingest.post("/v1/applications/" + app + "/events/" + event, headers, body);

    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(status);
    assertThat(answer.response().headers().firstValue("Content-Type"))
        .hasValueSatisfying(each -> assertThat(each).startsWith("application/problem+json"));
    assertThat(answer.body().path("detail").asString("")).isNotBlank();
    assertThat(answer.body().path("violations").path(0).path("rule").asString("")).isEqualTo(rule);
    assertThat(answer.body().toString()).doesNotContain("Exception", "at io.millrace");
    assertThat(books()).isEqualTo(before);
  }

  /** Rows that are refused among others: format, row, reason, field. */
  static Stream<Arguments> rejected() {
    String good = "\"at\": \"2026-01-05\", \"user\": 1, \"price\": 1";
    return Stream.of(
        row("{" + good + ", \"count\": \"three\"}", "type", "count"),
        row("{" + good + ", \"count\": 1.5}", "type", "count"),
        row("{" + good + ", \"count\": 9223372036854775808}", "type", "count"),
        row("{" + good + ", \"count\": 1e18}", "type", "count"),
        row("{" + good + ", \"gift\": 1}", "type", "gift"),
        row("{" + good + ", \"sku\": {\"a\": 1}}", "type", "sku"),
        row("{" + good + ", \"sku\": [1]}", "type", "sku"),
        row("{" + good + ", \"sku\": \"a1\"}", "pattern", "sku"),
        row("{" + good + ", \"size\": \"XXL\"}", "enum", "size"),
        row("{" + good + ", \"seen\": \"yesterday\"}", "type", "seen"),
        row("{\"at\": \"2026-01-05\", \"user\": 1, \"price\": -1}", "range", "price"),
        row("{\"at\": \"2026-01-05\", \"user\": 1, \"price\": 1e999}", "not-finite", "price"),
        row("{\"at\": \"2026-01-05\", \"user\": 1}", "required", "price"),
        row("{\"at\": \"2026-01-05\", \"user\": 1, \"price\": null}", "required", "price"),
        row("{\"at\": \"2026-01-05\", \"price\": 1}", "missing-key", "user"),
        row("{\"user\": 1, \"price\": 1}", "missing-time", "at"),
        row("{\"at\": \"2026-1-5\", \"user\": 1, \"price\": 1}", "time-format", "at"),
        row("{\"at\": \"2026-02-30\", \"user\": 1, \"price\": 1}", "time-format", "at"),
        row("{\"at\": \"2999-01-01\", \"user\": 1, \"price\": 1}", "time-future", "at"),
        row("{\"at\": \"2026-01-05\", \"user\": \"Jane\", \"price\": 1}", "type", "user"),
        row("{\"at\":", "malformed", null),
        row("{} {}", "malformed", null),
        row("[1]", "malformed", null),
        row("7", "malformed", null),
        row("{\"price\": NaN}", "malformed", null),
        row("{\"sku\": \"\u00e9\"}", "encoding", null),
        row("{\"sku\": \"" + "A".repeat(300_000) + "\"}", "too-large", null),
        csv("at,user,price\n2026-01-05,1,NaN\n", "not-finite", "price"),
        csv("at,user,price\n2026-01-05,1,-Infinity\n", "not-finite", "price"),
        csv("at,user,price\n2026-01-05,1,0x10\n", "type", "price"),
        csv("at,user,price\n2026-01-05,1\n", "malformed", null),
        csv("at,user,price\n2026-01-05,1,1,1\n", "malformed", null),
        csv("at,user,price\n2026-01-05,\"\",1\n", "missing-key", "user"),
        csv("at,user,sku,price\n2026-01-05,1,\u00e9,1\n", "encoding", "sku"));
  }

  private static Arguments row(String row, String reason, String field) {
    return Arguments.of(NDJSON, row, reason, field);
  }

  private static Arguments csv(String body, String reason, String field) {
    return Arguments.of(CSV, body, reason, field);
  }

  @ParameterizedTest(name = "{2} {3}: {1}")
  @MethodSource("rejected")
  void post_oneBadRow_isADeadLetterAndTheOthersPass(
      String type, String bad, String reason, String field) {
    boolean csv = type.equals(CSV);
    String good = "{\"at\": \"2026-01-05\", \"user\": 2, \"price\": 1}\n";
    byte[] body = bytes(csv ? bad : good + bad + "\n" + good);

    Answer answer =
        ingest.post(
            "/v1/applications/" + app + "/events/view?batch=" + Backends.uniqueName("b"),
            Map.of("Content-Type", type),
            body);

    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(202);
    assertThat(answer.books()).isEqualTo(csv ? new Books(1, 0, 1, 0) : new Books(3, 2, 1, 0));
    var rejection = answer.body().path("rejections").path(0);
    assertThat(rejection.path("index").asInt()).isEqualTo(csv ? 0 : 1);
    assertThat(rejection.path("reason").asString("")).isEqualTo(reason);
    assertThat(rejection.path("field").asString(null)).isEqualTo(field);
    assertThat(rejection.path("message").asString("")).isNotBlank().doesNotContain("Jane");
    String id = rejection.path("id").asString("");
    List<EventRejected> letters = Log.values(new Topics(app).rejected());
    assertThat(letters)
        .filteredOn(each -> each.eventId().equals(id))
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.reason()).isEqualTo(reason);
              assertThat(String.valueOf(each.payload())).doesNotContain("Jane");
            });
  }

  @Test
  void post_eventBeforeTheYearOne_isADeadLetterAndOneOfItPasses() {
    String rows =
        """
        {"order_id": "first", "user": 1, "at": -62135596800000}
        {"order_id": "before", "user": 1, "at": -62135596800001}
        {"order_id": "long before", "user": 1, "at": -70000000000000}
        """;
    Answer answer = ingest.post("/v1/applications/" + app + "/events/order", NDJSON, rows);

    assertThat(answer.books()).isEqualTo(new Books(3, 1, 2, 0));
    for (int row = 0; row < 2; row++) {
      var rejection = answer.body().path("rejections").path(row);
      assertThat(rejection.path("reason").asString("")).isEqualTo("time-format");
      assertThat(rejection.path("field").asString(null)).isEqualTo("at");
    }
  }

  private Books books() {
    return ingest.get("/v1/applications/" + app + "/books").books();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Latin-1: an é becomes a byte that is no UTF-8. */
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
