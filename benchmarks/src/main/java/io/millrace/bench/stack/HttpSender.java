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
    while (true) {
      HttpResponse<byte[]> answer =
          client.send(
              Service.INGEST,
              client
                  .request(Service.INGEST, path, TIMEOUT)
                  .header("Content-Type", "application/x-ndjson")
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() == 429) {
        LockSupport.parkNanos(WHEN_ASKED_TO_WAIT.toNanos());
        continue;
      }
      if (answer.statusCode() >= 400) {
        throw ApiClient.refusal(Service.INGEST, answer.statusCode(), answer.body());
      }
      long accepted = Json.mapper().readTree(answer.body()).path("accepted").asLong();
      if (accepted != events.size()) {
        throw new BenchException(
            "of " + events.size() + " events ingest accepted " + accepted + " only");
      }
      return;
    }
  }
}
