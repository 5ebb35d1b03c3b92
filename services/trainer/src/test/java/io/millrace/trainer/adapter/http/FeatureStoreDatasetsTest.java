// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.DatasetManifest;
import io.millrace.datasets.DatasetWriter;
import io.millrace.trainer.learning.UntrainableException;
import io.millrace.trainer.run.DatasetSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The feature store as several instances behind one address, of which those that are asked do not
 * all have the dataset: its API as a small server that answers what it is told to, in order.
 */
class FeatureStoreDatasetsTest {
  private static final String PATH = "/v1/applications/shop/datasets";
  private static final String ACCEPTED = "202 {\"datasetId\": \"ds-1\"}";
  private static final String RUNNING = "200 {\"datasetId\": \"ds-1\", \"status\": \"RUNNING\"}";
  private static final String GONE = "502 {\"detail\": \"the instance does not answer\"}";
  private static final String FILE = "file";
  private static final DatasetSource.Request ALL =
      new DatasetSource.Request(null, null, List.of(), 0.2);

  @TempDir Path folder;

  private final Map<String, Queue<String>> answers = new HashMap<>();
  private HttpServer server;
  private FeatureStoreDatasets datasets;
  private String ready;
  private byte[] file;

  @BeforeEach
  void start() throws IOException {
    Path rows = folder.resolve("rows.parquet");
    DatasetWriter.Written written;
    try (DatasetWriter writer =
        new DatasetWriter(rows, List.of(new Column("label", ColumnType.NUMBER)))) {
      for (int i = 0; i < 5; i++) {
        writer.row(new @Nullable Object[] {(double) i});
      }
      written = writer.finish();
    }
    file = Files.readAllBytes(rows);
    DatasetManifest manifest =
        new DatasetManifest(
            "ds-1",
            "shop",
            1,
            "h",
            "test",
            0,
            1,
            5,
            Map.of(),
            written.columns(),
            List.of(written.file()),
            new DatasetManifest.LabelBalance(1, Map.of(), 0.2),
            Map.of(),
            written.contentHash());
    ready =
        "200 {\"datasetId\": \"ds-1\", \"status\": \"READY\", \"manifest\": "
            + new String(manifest.toJson(), StandardCharsets.UTF_8)
            + "}";
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    datasets =
        new FeatureStoreDatasets(
            HttpClient.newHttpClient(),
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
            "key",
            folder.resolve("fetched"),
            Duration.ofMinutes(2),
            InstantSource.system());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /** The next answer to a question; what was not foreseen is a failure of the test. */
  private void answer(HttpExchange exchange) throws IOException {
    String question = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
    Queue<String> queue = answers.getOrDefault(question, new ArrayDeque<>());
    String answer = queue.isEmpty() ? "400 {\"detail\": \"unforeseen\"}" : queue.remove();
    byte[] body = answer.equals(FILE) ? file : answer.substring(4).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(
        answer.equals(FILE) ? 200 : Integer.parseInt(answer.substring(0, 3)), body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void when(String question, String... then) {
    answers.put(question, new ArrayDeque<>(List.of(then)));
  }

  private void everyAnswerWasAskedFor() {
    assertThat(answers).allSatisfy((question, left) -> assertThat(left).as(question).isEmpty());
  }

  @Test
  void build_instanceGoneWhileBuilding_isAskedForAnew() throws InterruptedException {
    when("POST " + PATH, ACCEPTED, ACCEPTED);
    when("GET " + PATH + "/ds-1", RUNNING, RUNNING, GONE, RUNNING, ready);
    when("GET " + PATH + "/ds-1/files/rows.parquet", FILE);

    DatasetSource.Built built = datasets.build("shop", ALL, phase -> {});

    assertThat(built.files().getFirst().numbers("label")).containsExactly(0, 1, 2, 3, 4);
    everyAnswerWasAskedFor();
  }

  @Test
  void build_instanceGoneBeforeTheFileIsFetched_isAskedForAnew() throws InterruptedException {
    when("POST " + PATH, ACCEPTED, ACCEPTED);
    when("GET " + PATH + "/ds-1", ready, ready);
    when("GET " + PATH + "/ds-1/files/rows.parquet", GONE, FILE);

    DatasetSource.Built built = datasets.build("shop", ALL, phase -> {});

    assertThat(built.manifest().id()).isEqualTo("ds-1");
    everyAnswerWasAskedFor();
  }

  /** A balancer without a server behind it answers the same; there a question is not refused. */
  @Test
  void build_nobodyBehindTheBalancerForAWhile_waits() throws InterruptedException {
    when("POST " + PATH, GONE, GONE, ACCEPTED);
    when("GET " + PATH + "/ds-1", ready);
    when("GET " + PATH + "/ds-1/files/rows.parquet", FILE);

    assertThat(datasets.build("shop", ALL, phase -> {}).files()).hasSize(1);
    everyAnswerWasAskedFor();
  }

  @Test
  void build_refused_isFinal() {
    assertThatThrownBy(() -> datasets.build("shop", ALL, phase -> {}))
        .isInstanceOf(UntrainableException.class)
        .hasMessageContaining("unforeseen");
  }
}
