// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.DatasetManifest;
import io.millrace.datasets.DatasetWriter;
import io.millrace.testkit.http.ScriptedServer;
import io.millrace.testkit.http.ScriptedServer.Answer;
import io.millrace.trainer.learning.UntrainableException;
import io.millrace.trainer.run.DatasetSource;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
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
  private static final Answer ACCEPTED = Answer.of(202, "{\"datasetId\": \"ds-1\"}");
  private static final Answer RUNNING =
      Answer.of(200, "{\"datasetId\": \"ds-1\", \"status\": \"RUNNING\"}");
  private static final Answer GONE =
      Answer.of(502, "{\"detail\": \"the instance does not answer\"}");
  private static final DatasetSource.Request ALL =
      new DatasetSource.Request(null, null, List.of(), 0.2);

  @TempDir Path folder;

  private ScriptedServer server;
  private FeatureStoreDatasets datasets;
  private Answer ready;
  private Answer file;

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
    file = new Answer(200, Files.readAllBytes(rows));
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
        Answer.of(
            200,
            "{\"datasetId\": \"ds-1\", \"status\": \"READY\", \"manifest\": "
                + new String(manifest.toJson(), StandardCharsets.UTF_8)
                + "}");
    server = new ScriptedServer();
    datasets =
        new FeatureStoreDatasets(
            HttpClient.newHttpClient(),
            server.address(),
            "key",
            folder.resolve("fetched"),
            Duration.ofMinutes(2),
            InstantSource.system());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void build_instanceGoneWhileBuilding_isAskedForAnew() throws InterruptedException {
    server.when("POST " + PATH, ACCEPTED, ACCEPTED);
    server.when("GET " + PATH + "/ds-1", RUNNING, RUNNING, GONE, RUNNING, ready);
    server.when("GET " + PATH + "/ds-1/files/rows.parquet", file);

    DatasetSource.Built built = datasets.build("shop", ALL, phase -> {});

    assertThat(built.files().getFirst().numbers("label")).containsExactly(0, 1, 2, 3, 4);
    assertThat(server.left()).isEmpty();
  }

  @Test
  void build_instanceGoneBeforeTheFileIsFetched_isAskedForAnew() throws InterruptedException {
    server.when("POST " + PATH, ACCEPTED, ACCEPTED);
    server.when("GET " + PATH + "/ds-1", ready, ready);
    server.when("GET " + PATH + "/ds-1/files/rows.parquet", GONE, file);

    DatasetSource.Built built = datasets.build("shop", ALL, phase -> {});

    assertThat(built.manifest().id()).isEqualTo("ds-1");
    assertThat(server.left()).isEmpty();
  }

  /** A balancer without a server behind it answers the same; there a question is not refused. */
  @Test
  void build_nobodyBehindTheBalancerForAWhile_waits() throws InterruptedException {
    server.when("POST " + PATH, GONE, GONE, ACCEPTED);
    server.when("GET " + PATH + "/ds-1", ready);
    server.when("GET " + PATH + "/ds-1/files/rows.parquet", file);

    assertThat(datasets.build("shop", ALL, phase -> {}).files()).hasSize(1);
    assertThat(server.left()).isEmpty();
  }

  @Test
  void build_refused_isFinal() {
    assertThatThrownBy(() -> datasets.build("shop", ALL, phase -> {}))
        .isInstanceOf(UntrainableException.class)
        .hasMessageContaining("unforeseen");
  }
}
