// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.serde.Json;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StackReportTest {
  @Test
  void json_stoppedService_hasEveryFieldOfTheStableInterface() {
    StackReport report =
        new StackReport(
            Map.of(
                "ingest",
                new StackReport.ServiceLine(
                    false, URI.create("http://127.0.0.1:8081"), null, null)),
            Map.of(),
            Map.of(
                "retail", new StackReport.ApplicationLine(new StackReport.BooksLine(4, 2, 1, 1))),
            0);
    assertThat(Json.mapper().writeValueAsString(report))
        .contains(
            "{\"ready\":false,\"url\":\"http://127.0.0.1:8081\",\"rss_mb\":null,\"start_s\":null}")
        .contains(
            "\"retail\":{\"books\":{\"in\":4,\"accepted\":2,\"rejected\":1,\"duplicates\":1}}");
  }

  @Test
  void names_listsOfNamesAndOfObjects_areRead() {
    assertThat(StackReport.names(Json.mapper().readTree("[\"a\",\"b\"]")))
        .containsExactly("a", "b");
    assertThat(StackReport.names(Json.mapper().readTree("{\"applications\":[{\"app\":\"a\"}]}")))
        .containsExactly("a");
    assertThat(StackReport.names(Json.mapper().readTree("[{\"name\":\"a\"}]")))
        .containsExactly("a");
  }
}
