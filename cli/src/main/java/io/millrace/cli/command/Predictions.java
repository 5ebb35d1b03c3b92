// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Polls the predictions of an application. */
@Command(
    name = "predictions",
    description =
        "List predictions after a cursor, each once; the answer ends with the next cursor.",
    mixinStandardHelpOptions = true)
public final class Predictions extends AppCommand {
  @Option(
      names = "--after",
      paramLabel = "CURSOR",
      description = "Cursor of the answer before; 0 or none: from the beginning.")
  private @Nullable String after;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "At most so many, 1 to 1000 (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Override
  boolean run(ApiClient client, Console console) {
    JsonNode page =
        client.get(
            Service.INFERENCE,
            path("/predictions?limit=" + limit)
                + (after == null ? "" : "&after=" + encoded(after)));
    if (json()) {
      console.json(page);
      return true;
    }
    for (JsonNode each : page.path("predictions")) {
      console.result(
          String.format(
              Locale.ROOT,
              "%s  %.6f  version %s  %s",
              plain(each.path("predictionId")),
              each.path("score").asDouble(),
              plain(each.path("modelVersion")),
              plain(each.path("entities"))));
    }
    console.result("cursor " + plain(page.path("cursor")));
    return true;
  }
}
