// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.millrace.featurestore.catalogue.ModelUses.UnknownUsesException;
import io.millrace.featurestore.catalogue.ModelUses.Use;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the trainer's answers mean; its API as a small server. */
class TrainerModelsTest {
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private TrainerModels models;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.add(path);
          byte[] body = answers.getOrDefault(path, "{}").getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answers.containsKey(path) ? 200 : 404, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    models =
        new TrainerModels(
            HttpClient.newHttpClient(),
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
            "key",
            Duration.ofSeconds(30));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void of_versionsWithPackages_readsTheirInputsOnce() throws UnknownUsesException {
    answers.put(
        "/v1/applications/shop/models",
        """
        {"models": [
          {"version": "9", "status": "RETIRED", "packageSha256": "aa"},
          {"version": "10", "status": "CHAMPION", "packageSha256": "bb"},
          {"version": "run-x", "status": "REFUSED"}]}
        """);
    answers.put(
        "/v1/applications/shop/models/9", "{\"metadata\": {\"inputs\": [{\"name\": \"v.a\"}]}}");
    answers.put(
        "/v1/applications/shop/models/10",
        """
        {"metadata": {"inputs": [{"name": "v.a"}, {"name": "derived.d"}],
                      "derived": {"reads": {"v.b": "NUMBER"}}}}
        """);

    assertThat(models.of("shop"))
        .containsExactly(
            new Use("10", "CHAMPION", Set.of("v.a", "derived.d", "v.b")),
            new Use("9", "RETIRED", Set.of("v.a")));
    models.of("shop");
    assertThat(asked.stream().filter(path -> path.endsWith("/10"))).hasSize(1);
  }

  @Test
  void of_trainerAway_saysThatItIsUnknown() {
    assertThatThrownBy(() -> models.of("shop"))
        .isInstanceOf(UnknownUsesException.class)
        .hasMessageContaining("404");
    server.stop(0);
    assertThatThrownBy(() -> models.of("shop")).isInstanceOf(UnknownUsesException.class);
  }
}
