// SPDX-License-Identifier: Apache-2.0
package io.millrace.example.yarnit;

import io.millrace.common.security.ApiKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** Batches of NDJSON to ingest's HTTP door. */
final class HttpSink implements EventSink {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final URI ingest;
  private final String app;
  private final String apiKey;

  HttpSink(URI ingest, String app, String apiKey) {
    this.ingest = ingest;
    this.app = app;
    this.apiKey = apiKey;
  }

  @Override
  public void send(String event, List<String> json) throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(ingest.resolve("/v1/applications/" + app + "/events/" + event))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/x-ndjson")
                .header(ApiKey.HEADER, apiKey)
                .POST(HttpRequest.BodyPublishers.ofString(String.join("\n", json) + "\n"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 202) {
      throw new IOException("ingest answered " + response.statusCode() + ": " + response.body());
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
