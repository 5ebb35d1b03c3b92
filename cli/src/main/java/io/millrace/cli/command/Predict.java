// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import io.millrace.common.serde.Json;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Asks the champion for a prediction. */
@Command(
    name = "predict",
    description = {
      "Ask for a prediction. DATA is JSON, for example",
      "  {\"entities\": {\"user\": \"u1\"}, \"request\": {\"position\": 1}}"
    },
    mixinStandardHelpOptions = true)
public final class Predict extends AppCommand {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATA",
      description = "Entity keys, request fields, and optionally \"at\" and \"id\".")
  private String data = "";

  @Override
  boolean run(ApiClient client, Console console) {
    JsonNode question;
    try {
      question = Json.mapper().readTree(data);
    } catch (JacksonException e) {
      throw new ParameterException(spec.commandLine(), "--data is not JSON: " + problem(e), e);
    }
    JsonNode answer = client.post(Service.INFERENCE, path("/predictions"), question);
    if (json()) {
      console.json(answer);
      return true;
    }
    for (JsonNode each : answer.path("predictions")) {
      console.result(
          String.format(
              Locale.ROOT,
              "%s  score %.6f  version %s%s",
              plain(each.path("predictionId")),
              each.path("score").asDouble(),
              plain(each.path("modelVersion")),
              each.path("fallback").isString()
                  ? "  without features: " + each.path("fallback").asString()
                  : ""));
    }
    return true;
  }

  /** What the parser says first, and where; the rest is about the parser itself. */
  private static String problem(JacksonException e) {
    String what = e.getOriginalMessage().split(":", 2)[0];
    return e.getLocation() == null
        ? what
        : "%s at column %d".formatted(what, e.getLocation().getColumnNr());
  }
}
