// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.api;

import io.millrace.cli.stack.Service;
import io.millrace.cli.stack.StackFolder;
import io.millrace.common.security.ApiKey;
import io.millrace.common.serde.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Calls the services. Addresses come from {@code MILLRACE_<SERVICE>_URL}, else from the stack in
 * the folder, else they are the usual ones; the key from {@code MILLRACE_API_KEY}, else from the
 * folder. Safe for use by several threads.
 */
public final class ApiClient implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  private final StackFolder folder;
  private final Map<String, String> environment;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();

  /** A client for the stack of that folder. */
  public ApiClient(StackFolder folder) {
    this(folder, System.getenv());
  }

  ApiClient(StackFolder folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = Map.copyOf(environment);
  }

  /** A service's base URL. */
  public URI url(Service service) {
    return Optional.ofNullable(environment.get(service.urlVariable()))
        .filter(url -> !url.isBlank())
        .map(URI::create)
        .or(() -> folder.port(service).map(port -> URI.create("http://127.0.0.1:" + port)))
        .orElseGet(() -> URI.create("http://127.0.0.1:" + (Service.PORT_BASE + service.ordinal())));
  }

  /**
   * A request to a service with the key in it.
   *
   * @param path starts with a slash; already encoded
   * @param timeout until the answer's head
   */
  public HttpRequest.Builder request(Service service, String path, Duration timeout) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url(service) + path)).timeout(timeout);
    Optional.ofNullable(environment.get("MILLRACE_API_KEY"))
        .filter(key -> !key.isBlank())
        .or(folder::apiKey)
        .ifPresent(key -> request.header(ApiKey.HEADER, key));
    return request;
  }

  /** GET, 30 s at most. */
  public JsonNode get(Service service, String path) {
    return json(service, request(service, path, Duration.ofSeconds(30)).GET().build());
  }

  /** POST of a value as JSON, 60 s at most. */
  public JsonNode post(Service service, String path, Object body) {
    return json(
        service,
        request(service, path, Duration.ofSeconds(60))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.mapper().writeValueAsBytes(body)))
            .build());
  }

  /**
   * Sends and reads a JSON answer; an empty answer is a JSON null.
   *
   * @throws ApiException for an answer of 400 and above, and where nobody answers
   */
  public JsonNode json(Service service, HttpRequest request) {
    HttpResponse<byte[]> response = send(service, request, HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() >= 400) {
      throw refusal(service, response.statusCode(), response.body());
    }
    try {
      return response.body().length == 0
          ? Json.mapper().nullNode()
          : Json.mapper().readTree(response.body());
    } catch (JacksonException e) {
      throw new ApiException(
          "%s answered %s with something that is not JSON".formatted(service.id(), request.uri()),
          e);
    }
  }

  /**
   * Sends; the answer's status is for the caller to judge.
   *
   * @throws ApiException where nobody answers in time
   */
  public <T> HttpResponse<T> send(
      Service service, HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (IOException e) {
      throw new ApiException(
          "%s does not answer at %s (%s); is the stack up? `millrace status` tells"
              .formatted(service.id(), url(service), cause(e)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException("interrupted while waiting for " + service.id(), e);
    }
  }

  /** What an error answer says, for people. */
  public static ApiException refusal(Service service, int status, byte[] body) {
    JsonNode problem;
    try {
      problem = Json.mapper().readTree(body);
    } catch (JacksonException e) {
      problem = Json.mapper().nullNode();
    }
    if (problem == null || !problem.isObject()) {
      String text = new String(body, StandardCharsets.UTF_8).strip();
      return new ApiException(
          status,
          "%s answered %d %s"
              .formatted(service.id(), status, text.substring(0, Math.min(200, text.length()))),
          Json.mapper().createObjectNode());
    }
    StringBuilder message = new StringBuilder();
    message
        .append(service.id())
        .append(" refused (")
        .append(status)
        .append(" ")
        .append(problem.path("title").asString(""))
        .append("): ")
        .append(problem.path("detail").asString(""));
    for (JsonNode violation : problem.path("violations")) {
      message
          .append("\n  ")
          .append(violation.path("path").asString(""))
          .append(": ")
          .append(violation.path("message").asString(""));
    }
    return new ApiException(status, message.toString(), problem);
  }

  private static String cause(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  @Override
  public void close() {
    http.close();
  }
}
