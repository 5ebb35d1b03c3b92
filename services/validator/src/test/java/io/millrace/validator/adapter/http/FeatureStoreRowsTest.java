// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.DatasetException;
import io.millrace.datasets.DatasetManifest;
import io.millrace.datasets.DatasetWriter;
import io.millrace.testkit.http.ScriptedServer;
import io.millrace.testkit.http.ScriptedServer.Answer;
import io.millrace.validator.model.CandidateTrial;
import io.millrace.validator.skew.SpanRows;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of a span from instances behind one address that do not all have the dataset. */
class FeatureStoreRowsTest {
  private static final String PATH = "/v1/applications/shop/datasets";
  private static final Answer ACCEPTED = Answer.of(202, "{\"datasetId\": \"ds-1\"}");
  private static final Answer RUNNING =
      Answer.of(200, "{\"datasetId\": \"ds-1\", \"status\": \"RUNNING\"}");
  private static final Answer UNKNOWN = Answer.of(404, "{}");
  private static final Answer GONE =
      Answer.of(502, "{\"detail\": \"the instance does not answer\"}");

  @TempDir Path folder;

  private ScriptedServer server;
  private FeatureStoreRows rows;
  private Answer ready;
  private Answer file;

  @BeforeEach
  void start() throws IOException {
    Path parquet = folder.resolve("rows.parquet");
    DatasetWriter.Written written;
    try (DatasetWriter writer =
        new DatasetWriter(
            parquet,
            List.of(
                new Column("label", ColumnType.NUMBER), new Column("split", ColumnType.TEXT)))) {
      for (int i = 0; i < 5; i++) {
        writer.row(new @Nullable Object[] {(double) i, "eval"});
      }
      written = writer.finish();
    }
    file = new Answer(200, Files.readAllBytes(parquet));
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
    rows =
        new FeatureStoreRows(
            HttpClient.newHttpClient(),
            server.address(),
            "key",
            folder.resolve("fetched"),
            Duration.ofMinutes(2));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void build_instanceGoneAtAnyStep_isAskedForAnew() {
    server.when("POST " + PATH, ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED);
    server.when("GET " + PATH + "/ds-1", RUNNING, GONE, RUNNING, ready, UNKNOWN, ready);
    server.when("GET " + PATH + "/ds-1/files/rows.parquet", GONE, file);

    SpanRows.Built built = rows.build("shop", 0, 10);

    assertThat(built.files().getFirst().numbers("label")).containsExactly(0, 1, 2, 3, 4);
    assertThat(server.left()).isEmpty();
  }

  /** Nobody here knows the question whose answer it is; whoever has it may be back. */
  @Test
  void fetch_instanceGone_isForAnotherTry() {
    server.when("GET " + PATH + "/ds-1", GONE, ready);
    server.when("GET " + PATH + "/ds-1/files/rows.parquet", file);

    assertThatThrownBy(() -> rows.fetch("shop", "ds-1"))
        .isInstanceOf(CandidateTrial.UnavailableException.class);
    assertThat(rows.fetch("shop", "ds-1").size()).isEqualTo(5);
  }

  @Test
  void build_refused_isFinal() {
    assertThatThrownBy(() -> rows.build("shop", 0, 10))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("400");
  }
}
