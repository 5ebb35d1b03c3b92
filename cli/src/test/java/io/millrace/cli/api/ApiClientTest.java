// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.millrace.cli.stack.Service;
import io.millrace.cli.stack.StackFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the client makes of answers, against a real HTTP server that gives each of them. */
final class ApiClientTest {
  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // before each test
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void end() {
    server.stop(0);
  }

  @Test
  void get_jsonAnswer_isReadAndTheKeyIsSent() {
    server.createContext(
        "/",
        exchange -> {
          String key = String.valueOf(exchange.getRequestHeaders().getFirst("X-API-Key"));
          byte[] body =
              ("{\"key\":\"" + key + "\",\"path\":\"" + exchange.getRequestURI() + "\"}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    try (ApiClient client = client()) {
      assertThat(client.get(Service.INGEST, "/v1/a?b=c").toString())
          .isEqualTo("{\"key\":\"secret\",\"path\":\"/v1/a?b=c\"}");
    }
  }

  @Test
  void get_problem_saysFieldAndRule() {
    answer(
        400,
        """
        {"title":"Invalid request","detail":"2 rules broken","violations":[
          {"path":"events.click.time","rule":"type","message":"is not a string"}]}
        """);
    try (ApiClient client = client()) {
      assertThatThrownBy(() -> client.get(Service.INGEST, "/v1/applications"))
          .isInstanceOf(ApiException.class)
          .hasMessage(
              "ingest refused (400 Invalid request): 2 rules broken\n"
                  + "  events.click.time: is not a string")
          .extracting(e -> ((ApiException) e).status())
          .isEqualTo(400);
    }
  }

  @Test
  void get_errorWithoutProblem_saysStatusAndText() {
    answer(502, "no such luck");
    try (ApiClient client = client()) {
      assertThatThrownBy(() -> client.get(Service.INGEST, "/"))
          .isInstanceOf(ApiException.class)
          .hasMessage("ingest answered 502 no such luck");
    }
  }

  @Test
  void post_emptyAnswer_isNull() {
    answer(204, "");
    try (ApiClient client = client()) {
      assertThat(client.post(Service.INGEST, "/", Map.of("a", 1)).isNull()).isTrue();
    }
  }

  @Test
  void get_nobodyAnswers_saysWhereItAskedAndWhatToDo() {
    int port = server.getAddress().getPort();
    server.stop(0);
    try (ApiClient client = client()) {
      assertThatThrownBy(() -> client.get(Service.INGEST, "/"))
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("http://127.0.0.1:" + port)
          .hasMessageContaining("millrace status");
    }
  }

  @Test
  void url_environmentThenFolderThenUsual_inThisOrder() {
    StackFolder stack = new StackFolder(folder);
    try (ApiClient client = new ApiClient(stack, Map.of())) {
      assertThat(client.url(Service.MONITOR)).hasToString("http://127.0.0.1:8086");
    }
    try (ApiClient client =
        new ApiClient(stack, Map.of("MILLRACE_MONITOR_URL", "http://elsewhere:1"))) {
      assertThat(client.url(Service.MONITOR)).hasToString("http://elsewhere:1");
    }
  }

  private void answer(int status, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  private ApiClient client() {
    return new ApiClient(
        new StackFolder(folder),
        Map.of(
            "MILLRACE_INGEST_URL",
            "http://127.0.0.1:" + server.getAddress().getPort(),
            "MILLRACE_API_KEY",
            "secret"));
  }
}
