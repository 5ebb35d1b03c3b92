// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.http.ScriptedServer;
import io.millrace.testkit.http.ScriptedServer.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the console shows of the other services. */
class ServiceFiguresTest {
  private static final String BASE = "/v1/applications/shop";

  @Test
  void of_servicesThatAnswer_isWhatTheySay_othersAreNamed() throws IOException {
    try (ScriptedServer store = new ScriptedServer();
        ScriptedServer refusing = new ScriptedServer()) {
      store.when("GET " + BASE + "/progress", Answer.of(200, "{\"written\": 3}"));
      store.when(
          "GET " + BASE + "/datasets",
          Answer.of(200, "{\"datasets\": [{\"datasetId\": \"ds-1\", \"rowsDone\": 7}]}"));
      URI gone = refusing.address();
      ServiceFigures figures =
          new ServiceFigures(
              HttpClient.newHttpClient(),
              Map.of("feature-store", store.address(), "trainer", gone),
              InstantSource.system());

      Map<String, JsonNode> said = figures.of("shop");

      assertThat(said.get("feature-store").path("written").asLong()).isEqualTo(3);
      assertThat(said.get("datasets").path("datasets").path(0).path("rowsDone").asLong())
          .isEqualTo(7);
      assertThat(said.get("trainer").path("down").asString()).isEqualTo("status 400");
      assertThat(said.get("ingest").path("down").asString()).isEqualTo("no URL");
      assertThat(store.left()).isEmpty();
    }
  }
}
