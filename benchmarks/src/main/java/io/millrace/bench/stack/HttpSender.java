// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import io.millrace.bench.BenchException;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import io.millrace.common.serde.Json;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** NDJSON to ingest's HTTP door; every event must be new and good. */
public final class HttpSender implements Sender {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration WHEN_ASKED_TO_WAIT = Duration.ofMillis(20);

  private final ApiClient client;
  private final String path;

  /**
   * @param history whether the events are past ones, known since they happened
   */
  public HttpSender(ApiClient client, String app, String event, boolean history) {
    this.client = client;
    this.path = "/v1/applications/" + app + "/events/" + event + "?history=" + history;
  }

  @Override
  public void send(List<Message> events) {
    String body = events.stream().map(Message::body).collect(Collectors.joining("\n", "", "\n"));
    for (boolean again = false; ; again = true) {
      HttpResponse<byte[]> answer =
          client.send(
              Service.INGEST,
              client
                  .request(Service.INGEST, path, TIMEOUT)
                  .header("Content-Type", "application/x-ndjson")
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() == 429 || answer.statusCode() == 503) {
        // Too much at once, or Kafka is slow to acknowledge: to send all of it again is safe.
        LockSupport.parkNanos(WHEN_ASKED_TO_WAIT.toNanos());
        continue;
      }
      if (answer.statusCode() >= 400) {
        throw ApiClient.refusal(Service.INGEST, answer.statusCode(), answer.body());
      }
      requireAll(Json.mapper().readTree(answer.body()), events.size(), again);
      return;
    }
  }

  /** What was in already when it was sent again is a duplicate, and as good as accepted. */
  private static void requireAll(JsonNode receipt, int events, boolean again) {
    long taken =
        receipt.path("accepted").asLong() + (again ? receipt.path("duplicates").asLong() : 0);
    if (taken != events) {
      throw new BenchException("of " + events + " events ingest took " + taken + " only");
    }
  }
}
