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

/** What a reader sees of one entity's features. */
class FeaturesTest {
  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // before each test
  private RecordingServer server;

  @BeforeEach
  void serve() throws IOException {
    server =
        new RecordingServer(folder.resolve("stack"))
            .answering(
                "GET /v1/applications/shop/features/orders/u%2F1",
                200,
                asked ->
                    """
                    {"asOf": 1767225600000, "view": "orders", "entity": "user", "key": "u/1",
                     "ageMs": 93784000,
                     "features": {
                       "spend_30d": {"value": 12.5, "status": "present"},
                       "last_item": {"value": "tea", "status": "present"},
                       "mean_1d": {"value": null, "status": "missing"},
                       "salary": {"status": "denied"}}}
                    """)
            .answering(
                "GET /v1/applications/shop/features/orders/nobody",
                200,
                asked ->
                    """
                    {"asOf": 1767225600000, "view": "orders", "entity": "user", "key": "nobody",
                     "features": {"count_1d": {"value": 0, "status": "present"}}}
                    """);
  }

  @AfterEach
  void end() {
    server.close();
  }

  @Test
  void key_knownEntity_isATableOfValuesAndOfWhatIsNotThere() {
    Done done = server.run("features", "shop", "--view", "orders", "--key", "u/1");
    assertThat(done.exit()).isZero();
    assertThat(done.out().lines().map(line -> line.replaceAll(" +", " ")))
        .containsExactly(
            "orders of user 'u/1' as of 2026-01-01T00:00:00Z, newest event 26h3m4s before",
            " spend_30d 12.5",
            " last_item tea",
            " mean_1d missing",
            " salary denied");
  }

  @Test
  void key_askedOfThePast_saysThatTheNewestEventCameAfter() {
    server.answering(
        "GET /v1/applications/shop/features/orders/u2?at=5",
        200,
        asked ->
            """
            {"asOf": 5, "view": "orders", "entity": "user", "key": "u2", "ageMs": -3723000,
             "features": {}}
            """);

    Done done = server.run("features", "shop", "--view", "orders", "--key", "u2", "--at", "5");

    assertThat(done.out()).contains("newest event 1h2m3s after");
  }

  @Test
  void key_noEventYet_saysSo() {
    Done done = server.run("features", "shop", "--view", "orders", "--key", "nobody");
    assertThat(done.out()).contains("no event yet").contains("count_1d");
  }

  @Test
  void json_isTheAnswerItself() {
    Done done = server.run("features", "shop", "--view", "orders", "--key", "u/1", "--json");
    assertThat(
            Json.mapper()
                .readTree(done.out())
                .path("features")
                .path("spend_30d")
                .path("value")
                .asDouble())
        .isEqualTo(12.5);
  }

  @Test
  void list_featureThatMayNeedMuch_saysHowMuch() {
    server.answering(
        "GET /v1/applications/shop/catalogue",
        200,
        asked ->
            """
            {"features": [
              {"name": "orders.items", "type": "LIST", "entity": "user", "owner": "us",
               "computation": "last_n of item over lifetime", "meaning": "Items.",
               "stateBytesMax": 3355443, "models": []},
              {"name": "orders.n", "type": "NUMBER", "entity": "user", "owner": "us",
               "computation": "count over lifetime", "meaning": "Orders.",
               "stateBytesMax": 90, "models": []}]}
            """);

    Done done = server.run("features", "shop");

    assertThat(done.out())
        .contains("Items. | may need 3.2 MiB an entity")
        .doesNotContain("Orders. |");
  }
}
