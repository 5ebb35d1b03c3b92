// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest;

import io.millrace.common.serde.Json;
import io.millrace.ingest.wiring.IngestApplication;
import io.millrace.testkit.backend.Backends;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** An instance of the service on the tests' backends, and a client of it. */
final class RunningIngest implements AutoCloseable {
  static final String API_KEY = "test-api-key";
  static final String PSEUDONYM_KEY = "a key of tests, long enough";

  private final ConfigurableApplicationContext context;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

  private RunningIngest(ConfigurableApplicationContext context) {
    this.context = context;
  }

  static RunningIngest start(String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--millrace.kafka=" + Backends.kafka().bootstrapServers(),
                "--spring.cloud.stream.kafka.binder.brokers=" + Backends.kafka().bootstrapServers(),
                "--millrace.redis=" + Backends.redis().uri(),
                "--millrace.api-key=" + API_KEY,
                "--millrace.pseudonym-key=" + PSEUDONYM_KEY));
    all.addAll(List.of(settings));
    return new RunningIngest(
        new SpringApplicationBuilder(IngestApplication.class)
            .web(WebApplicationType.SERVLET)
            .run(all.toArray(String[]::new)));
  }

  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  URI uri(String path) {
    int port = ((WebServerApplicationContext) context).getWebServer().getPort();
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** An answer with its body as JSON. */
  record Answer(int status, JsonNode body, HttpResponse<byte[]> response) {
    long number(String field) {
      return body.path(field).asLong();
    }

    Books books() {
      return new Books(number("in"), number("accepted"), number("rejected"), number("duplicates"));
    }
  }

  /** The four figures that balance. */
  record Books(long in, long accepted, long rejected, long duplicates) {}

  Answer get(String path) {
    return send(HttpRequest.newBuilder(uri(path)).GET());
  }

  Answer put(String path, String body) {
    return send(HttpRequest.newBuilder(uri(path)).PUT(HttpRequest.BodyPublishers.ofString(body)));
  }

  Answer delete(String path) {
    return send(HttpRequest.newBuilder(uri(path)).DELETE());
  }

  Answer post(String path, String type, String body) {
    return post(path, Map.of("Content-Type", type), body.getBytes(StandardCharsets.UTF_8));
  }

  Answer post(String path, Map<String, String> headers, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    return send(request);
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<byte[]> response =
          client.send(
              request.header("X-API-Key", API_KEY).timeout(Duration.ofSeconds(60)).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      byte[] body = response.body();
      JsonNode tree =
          body.length > 0 && (body[0] == '{' || body[0] == '[')
              ? Json.mapper().readTree(body)
              : Json.mapper().createObjectNode();
      return new Answer(response.statusCode(), tree, response);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    context.close();
    client.close();
  }
}
