// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import io.millrace.common.serde.Json;
import io.millrace.testkit.await.Await;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The service in a process of its own, so that it can be killed as a crash would. */
final class RunningFeatureStore implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(300);
  private static final String API_KEY = "test-key";

  private final Map<String, String> environment;
  private final Path log;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final int port;
  private final int grpcPort;
  private @Nullable Process process;

  RunningFeatureStore(Map<String, String> environment, Path log) throws IOException {
    this.environment = environment;
    this.log = log;
    try (ServerSocket free = new ServerSocket(0);
        ServerSocket other = new ServerSocket(0)) {
      port = free.getLocalPort();
      grpcPort = other.getLocalPort();
    }
  }

  void start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xmx768m",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "io.millrace.featurestore.wiring.FeatureStoreApplication"));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(new File(log.toString())));
    builder.environment().putAll(environment);
    builder.environment().put("SERVER_PORT", Integer.toString(port));
    builder.environment().put("GRPC_PORT", Integer.toString(grpcPort));
    builder.environment().putIfAbsent("MILLRACE_INSTANCE", "one");
    builder.environment().put("MILLRACE_API_KEY", API_KEY);
    builder.environment().put("MILLRACE_PSEUDONYM_KEY", "0123456789abcdef");
    Process started = builder.start();
    process = started;
    Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    Await.until(
        () -> {
          if (!started.isAlive()) {
            throw new AssertionError("the service ended: " + tail());
          }
          return status("/actuator/health/readiness") == 200;
        },
        START_LIMIT,
        this::tail);
  }

  /** The port of its gRPC service. */
  int grpcPort() {
    return grpcPort;
  }

  /** The end of its log. */
  String tail() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** All that it has logged, over all of its starts. */
  String log() throws IOException {
    return Files.readString(log);
  }

  /** Ends it in the middle of whatever it does. */
  void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  int status(String path) throws InterruptedException {
    try {
      return client
          .send(request(path).GET().build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      // Not listening yet, or not any more.
      return -1;
    }
  }

  JsonNode get(String path) throws IOException, InterruptedException {
    return answer(request(path).GET().build());
  }

  JsonNode post(String path, Object body) throws IOException, InterruptedException {
    return answer(
        request(path)
            .header("Content-Type", "application/json")
            .header("X-API-Key", API_KEY)
            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.mapper().writeValueAsBytes(body)))
            .build());
  }

  int postStatus(String path, Object body) throws IOException, InterruptedException {
    return client
        .send(
            request(path)
                .header("Content-Type", "application/json")
                .header("X-API-Key", API_KEY)
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.mapper().writeValueAsBytes(body)))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  JsonNode send(String path, byte[] body) throws IOException, InterruptedException {
    return answer(
        request(path)
            .header("Content-Type", "application/octet-stream")
            .header("X-API-Key", API_KEY)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build());
  }

  byte[] bytes(String path) throws IOException, InterruptedException {
    return client.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofByteArray()).body();
  }

  /** Where that path is, for clients of another kind. */
  String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url(path))).timeout(Duration.ofSeconds(60));
  }

  private JsonNode answer(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() >= 300) {
      throw new IOException(
          response.statusCode()
              + ": "
              + new String(response.body(), java.nio.charset.StandardCharsets.UTF_8));
    }
    return Json.mapper().readTree(response.body());
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
