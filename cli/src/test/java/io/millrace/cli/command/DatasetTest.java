// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.Millrace;
import io.millrace.cli.command.RecordingServer.Done;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {
  private static final String PATH = "/v1/applications/shop/datasets";
  private static final String RUNNING =
      "{\"datasetId\": \"ds-1\", \"status\": \"RUNNING\", \"phase\": \"counting\"}";
  private static final String READY =
      """
      {"datasetId": "ds-1", "status": "READY",
       "manifest": {"rows": 5, "files": [{"name": "rows.parquet"}]}}
      """;

  @TempDir Path folder;

  private RecordingServer server;

  @BeforeEach
  void serve() throws IOException {
    server =
        new RecordingServer(folder.resolve("stack"))
            .answering("POST " + PATH, 202, asked -> "{\"datasetId\": \"ds-1\"}")
            .answering("GET " + PATH + "/ds-1/files/", 200, asked -> "the rows");
  }

  @AfterEach
  void end() {
    server.close();
  }

  /** Answers with each of these once, then with the last again and again. */
  private void status(int[] statuses, String... answers) {
    AtomicInteger next = new AtomicInteger();
    String question = "GET " + PATH + "/ds-1";
    RecordingServer.Answering[] answering = new RecordingServer.Answering[1];
    answering[0] =
        asked -> {
          int now = Math.min(next.getAndIncrement(), answers.length - 1);
          server.answering(question, statuses[now], answering[0]);
          return answers[now];
        };
    server.answering(question, 200, answering[0]);
  }

  @Test
  void call_instanceGoneWhileItBuilds_isAskedForAgainAndFetched() throws IOException {
    status(new int[] {200, 502, 404, 200, 200}, RUNNING, "{}", "{}", RUNNING, READY);
    Path out = folder.resolve("out");

    Done done = server.run("dataset", "shop", "--out", out.toString());

    assertThat(done.exit()).as(done.err()).isEqualTo(Millrace.OK);
    assertThat(done.err()).contains("counting").contains("ds-1 is not there any more");
    assertThat(out.resolve("rows.parquet")).hasContent("the rows");
    assertThat(Files.readString(out.resolve("manifest.json"))).contains("rows");
    assertThat(server.asked).filteredOn(each -> each.method().equals("POST")).hasSize(3);
  }

  @Test
  void call_buildFails_saysWhy() {
    status(
        new int[] {200},
        "{\"datasetId\": \"ds-1\", \"status\": \"FAILED\", \"message\": \"no label\"}");

    Done done = server.run("dataset", "shop");

    assertThat(done.exit()).isEqualTo(Millrace.FAILED);
    assertThat(done.err()).contains("no dataset: no label");
  }
}
