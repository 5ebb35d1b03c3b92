// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** Lists the model versions of an application. */
@Command(
    name = "models",
    description = "List the model versions, their stages, and why they are there.",
    mixinStandardHelpOptions = true)
public final class Models extends AppCommand {
  @Override
  boolean run(ApiClient client, Console console) {
    JsonNode models = client.get(Service.TRAINER, path("/models"));
    if (json()) {
      console.json(models);
      return true;
    }
    JsonNode versions = models.isArray() ? models : models.path("models");
    if (versions.isEmpty()) {
      console.result("no version yet; `millrace train " + app() + "` makes one");
    }
    for (JsonNode version : versions) {
      console.result(
          "%-12s %-10s %-10s run %s"
              .formatted(
                  plain(version.path("version")),
                  plain(version.path("status")),
                  plain(version.path("algorithm")),
                  plain(version.path("runId"))));
      for (JsonNode step : version.path("transitions")) {
        for (JsonNode reason : step.path("reasons")) {
          console.result("    " + plain(step.path("status")) + ": " + reason.asString());
        }
      }
    }
    return true;
  }
}
