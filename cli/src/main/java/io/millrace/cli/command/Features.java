// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Reads the online features of one entity, or the catalogue. */
@Command(
    name = "features",
    description = {
      "Read the features of one entity; without --key, list what there is.",
      "A personal key is given in clear; it is hashed on arrival."
    },
    mixinStandardHelpOptions = true)
public final class Features extends AppCommand {
  @Option(names = "--view", paramLabel = "VIEW", description = "Feature view.")
  private @Nullable String view;

  @Option(names = "--key", paramLabel = "KEY", description = "Entity key.")
  private @Nullable String key;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = "Event time, RFC 3339 or milliseconds (default: now).")
  private @Nullable String at;

  @Override
  boolean run(ApiClient client, Console console) {
    if (view == null || key == null) {
      console.result(client.get(Service.FEATURE_STORE, path("/catalogue")).toPrettyString());
      return true;
    }
    JsonNode answer =
        client.get(
            Service.FEATURE_STORE,
            path("/features/" + encoded(view) + "/" + encoded(key))
                + (at == null ? "" : "?at=" + encoded(at)));
    if (json()) {
      console.json(answer);
    } else {
      console.result(answer.toPrettyString());
    }
    return true;
  }
}
