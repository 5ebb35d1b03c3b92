// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.chassis.http.ProblemException;
import io.millrace.featurestore.dataset.DatasetPlaces;
import io.millrace.featurestore.history.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is asked of another instance, which is a small server here. */
class OtherInstancesTest {
  private static final String APP = "shop";
  private static final String PATH = "/v1/applications/shop/datasets";
  private static final int LARGE = 3 << 20;

  private final List<DatasetPlaces.Place> places = new ArrayList<>();
  private final List<String> stoodInFor = new ArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private HttpServer server;
  private URI gone;
  private boolean isKnown = true;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    try (ServerSocket free = new ServerSocket(0)) {
      gone = URI.create("http://127.0.0.1:" + free.getLocalPort());
    }
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    assertThat(exchange.getRequestHeaders().getFirst(OtherInstances.FORWARDED_BY)).isEqualTo("me");
    String path = exchange.getRequestURI().getPath();
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (path.endsWith("/files/stalls.parquet")) {
      exchange.sendResponseHeaders(200, LARGE);
      exchange.getResponseBody().write(new byte[10]);
      exchange.getResponseBody().flush();
      await(end);
    } else if (path.endsWith("/files/large.parquet")) {
      exchange.sendResponseHeaders(200, LARGE);
      for (int i = 0; i < LARGE / 1024; i++) {
        exchange.getResponseBody().write(new byte[1024]);
      }
    } else if (path.equals(PATH + "/ds-1")) {
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      send(exchange, 200, "{\"status\": \"READY\"}");
    } else if (path.equals(PATH)) {
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      send(exchange, 202, "{\"took\": " + new String(body, StandardCharsets.UTF_8) + "}");
    } else {
      send(exchange, 404, "{}");
    }
    exchange.close();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private OtherInstances others(Duration patience) {
    DatasetPlaces told =
        new DatasetPlaces() {
          @Override
          public CompletionStage<Void> announce(String app, String id) {
            return CompletableFuture.completedStage(null);
          }

          @Override
          public List<Place> others(String app, String id) {
            if (!isKnown) {
              throw new StoreUnavailableException("away");
            }
            return places;
          }

          @Override
          public Optional<Place> builder(String app, String id, @Nullable Place gone) {
            stoodInFor.add(gone == null ? "nobody" : gone.instance());
            return gone == null
                ? places.stream().findFirst()
                : places.stream().skip(places.indexOf(gone) + 1L).findFirst();
          }
        };
    return new OtherInstances(told, HttpClient.newHttpClient(), "me", "key", patience);
  }

  private OtherInstances others() {
    return others(Duration.ofSeconds(30));
  }

  private void isAt(URI address) {
    places.add(new DatasetPlaces.Place("instance-" + places.size(), address));
  }

  private URI here() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private static String text(byte[] body) {
    return new String(Objects.requireNonNull(body), StandardCharsets.UTF_8);
  }

  @Test
  void status_ofAnInstanceThatHasIt_isItsAnswerWhoeverElseIsGone() {
    isAt(gone);
    isAt(here());
    assertThat(text(others().status(APP, "ds-1").orElseThrow().getBody())).contains("READY");
  }

  @Test
  void status_whereNobodyHasIt_isEmpty() {
    assertThat(others().status(APP, "ds-1")).isEmpty();
    isAt(here());
    assertThat(others().status(APP, "ds-2")).isEmpty();
  }

  @Test
  void status_whereTheInstanceIsGone_namesIt() {
    isAt(gone);
    assertThatThrownBy(() -> others().status(APP, "ds-1"))
        .isInstanceOfSatisfying(
            ProblemException.class, problem -> assertThat(problem.status()).isEqualTo(502))
        .hasMessageContaining("'instance-0'")
        .hasMessageContaining(gone.toString());
    isKnown = false;
    assertThatThrownBy(() -> others().status(APP, "ds-1"))
        .isInstanceOfSatisfying(
            ProblemException.class, problem -> assertThat(problem.status()).isEqualTo(503));
  }

  @Test
  void submit_goesToTheFirstThatAnswers_orToNobody() {
    byte[] body = "{\"fromMs\": 1}".getBytes(StandardCharsets.UTF_8);
    isAt(gone);
    assertThat(others().submit(APP, "ds-1", body)).isEmpty();
    isAt(here());
    assertThat(others().submit(APP, "ds-1", body))
        .hasValueSatisfying(
            answer -> {
              assertThat(answer.getStatusCode().value()).isEqualTo(202);
              assertThat(text(answer.getBody())).isEqualTo("{\"took\": {\"fromMs\": 1}}");
            });
  }

  @Test
  void submitToBuilder_goesToTheOneThatBuilds_orIsForThisOne() {
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    assertThat(others().submitToBuilder(APP, "ds-1", body)).isEmpty();
    isAt(gone);
    isAt(here());
    assertThat(others().submitToBuilder(APP, "ds-1", body))
        .hasValueSatisfying(answer -> assertThat(answer.getStatusCode().value()).isEqualTo(202));
    assertThat(stoodInFor).containsExactly("nobody", "nobody", "instance-0");
  }

  @Test
  void submitToBuilder_nobodyAnswers_endsAtThisOne() {
    for (int i = 0; i < 10; i++) {
      isAt(gone);
    }
    assertThat(others().submitToBuilder(APP, "ds-1", new byte[0])).isEmpty();
    assertThat(stoodInFor).hasSize(4);
  }

  @Test
  void file_isStreamedWithItsLength() throws IOException {
    isAt(here());
    var answer = others().file(APP, "ds-1", "large.parquet").orElseThrow();
    assertThat(answer.getHeaders().getContentLength()).isEqualTo(LARGE);
    try (InputStream in = Objects.requireNonNull(answer.getBody()).getInputStream()) {
      assertThat(in.readAllBytes()).hasSize(LARGE);
    }
    assertThat(others().file(APP, "ds-1", "../large.parquet")).isEmpty();
  }

  /** A process that hangs keeps its connections; nobody may wait for it without end. */
  @Test
  void file_whoseSenderHangs_failsInTime() throws IOException {
    isAt(here());
    var answer = others(Duration.ofSeconds(1)).file(APP, "ds-1", "stalls.parquet").orElseThrow();
    try (InputStream in = Objects.requireNonNull(answer.getBody()).getInputStream()) {
      assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
    }
  }
}
