// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.command.RecordingServer.Done;
import io.millrace.common.serde.Json;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a reader sees of the balance of classes. */
class ClassesTest {
  private static final String STAGES =
      """
      [{"name": "collected", "from": null, "rows": {"0": 4827, "1": 747},
        "shares": {"0": 0.866, "1": 0.134}, "ratio": 6.4618, "weightedShares": null, "jump": null},
       {"name": "allowed", "from": "collected", "rows": {"0": 4827, "1": 149},
        "shares": {"0": 0.97, "1": 0.03}, "ratio": 32.396, "weightedShares": {"0": 0.9, "1": 0.1},
        "jump": {"name": "1", "factor": 0.2, "pValue": 0, "askedFor": false,
                 "message": "allowed: of class 1 80.1 % are left out"}}]
      """;

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // before each test
  private RecordingServer server;

  @BeforeEach
  void serve() throws IOException {
    server = new RecordingServer(folder.resolve("stack"));
    server
        .answering(
            "GET /v1/applications/mail/loop",
            200,
            asked ->
                """
                {"loop": {"champion": "2", "performance": [{"version": "1", "predictions": 9},
                 {"version": "2", "predictions": 1000, "predictedPositives": 100,
                  "scoreMean": 0.125}]}, "services": {}}
                """)
        .answering(
            "GET /v1/applications/mail/evaluations/2",
            200,
            asked -> "{\"classes\": {\"unknown\": null, \"stages\": " + STAGES + "}}")
        .answering("GET /v1/applications/mail/evaluations/1", 200, asked -> "{\"classes\": null}")
        .answering(
            "GET /v1/applications/price/loop",
            200,
            asked -> "{\"loop\": {\"champion\": null, \"performance\": []}, \"services\": {}}")
        .answering(
            "GET /v1/applications/price/evaluations/1",
            200,
            asked -> "{\"classes\": {\"unknown\": \"the label is a quantity\", \"stages\": []}}")
        .answering(
            "GET /v1/applications/mail/classes/message/kind",
            200,
            asked -> "{\"event\": \"message\", \"stages\": " + STAGES + "}");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void classes_ofTheChampion_showsEveryStageAndNamesTheOneThatTilts() {
    Done done = server.run("classes", "mail");
    assertThat(done.exit()).as(done.err()).isZero();
    assertThat(done.out().lines())
        .containsExactly(
            "stage            rows  ratio        classes",
            "collected        5574  6.46 to 1    0: 4827 (86.6 %), 1: 747 (13.4 %)",
            "allowed          4976  32.40 to 1   0: 4827 (97.0 %, 90.0 % by weight), 1: 149"
                + " (3.0 %, 10.0 % by weight)",
            "served           1000  9.00 to 1    0: 900, 1: 100 (10.0 %); mean score 12.5 %",
            "! allowed: of class 1 80.1 % are left out");
    JsonNode json = Json.mapper().readTree(server.run("classes", "mail", "--json").out());
    assertThat(json.path("servedPositives").asInt()).isEqualTo(100);
    assertThat(json.path("classes").path("stages").size()).isEqualTo(2);
  }

  @Test
  void classes_ofAColumn_asksTheStatisticsOfItsSpans() {
    Done done = server.run("classes", "mail", "--column", "message.kind");
    assertThat(done.exit()).as(done.err()).isZero();
    assertThat(done.out()).contains("32.40 to 1").doesNotContain("served");
  }

  @Test
  void classes_nothingToSay_saysWhy() {
    assertThat(server.run("classes", "price", "--model", "1").out())
        .isEqualTo("the label is a quantity\n");
    assertThat(server.run("classes", "mail", "--model", "1").out())
        .isEqualTo("version 1 was judged without its classes\n");
    Done none = server.run("classes", "price");
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.err()).contains("no version is champion yet");
    Done both = server.run("classes", "mail", "--column", "message");
    assertThat(both.exit()).isEqualTo(1);
    assertThat(both.err()).contains("EVENT.COLUMN");
  }
}
