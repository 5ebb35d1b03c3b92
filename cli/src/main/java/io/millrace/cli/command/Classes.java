// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import io.millrace.common.serde.Json;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Shows how the classes of a label are balanced from stage to stage. */
@Command(
    name = "classes",
    description =
        "Show the label's classes at every stage: collected, in spans that may be used, sampled,"
            + " trained on, held out, predicted, served. Or those of a column of an event.",
    mixinStandardHelpOptions = true)
public final class Classes extends AppCommand {
  @Option(
      names = "--model",
      paramLabel = "VERSION",
      description = "Model version whose rows are asked about (default: the champion).")
  private @Nullable String version;

  @Option(
      names = "--column",
      paramLabel = "EVENT.COLUMN",
      description = "A column of accepted events instead, from the statistics of its spans.")
  private @Nullable String column;

  @Override
  boolean run(ApiClient client, Console console) {
    if (column != null) {
      int dot = column.indexOf('.');
      if (dot <= 0 || version != null) {
        throw new IllegalStateException(
            "--column takes EVENT.COLUMN, such as message.kind, and no --model");
      }
      String place = encoded(column.substring(0, dot)) + "/" + encoded(column.substring(dot + 1));
      JsonNode found = client.get(Service.VALIDATOR, path("/classes/" + place));
      return print(console, found, found);
    }
    JsonNode loop = client.get(Service.MONITOR, path("/loop")).path("loop");
    String model = version == null ? loop.path("champion").asString("") : version;
    if (model.isEmpty()) {
      throw new IllegalStateException(
          "no version is champion yet; `--model VERSION` asks about another, `millrace models "
              + app()
              + "` lists them");
    }
    JsonNode evaluation = client.get(Service.VALIDATOR, path("/evaluations/" + encoded(model)));
    ObjectNode answer = Json.mapper().createObjectNode();
    answer.put("version", model);
    answer.set("classes", evaluation.path("classes"));
    for (JsonNode each : loop.path("performance")) {
      if (each.path("version").asString("").equals(model)) {
        answer.put("served", each.path("predictions").asLong());
        answer.put("servedPositives", each.path("predictedPositives").asLong());
        answer.set("servedScoreMean", each.path("scoreMean"));
      }
    }
    return print(console, answer, evaluation.path("classes"));
  }

  private boolean print(Console console, JsonNode answer, JsonNode classes) {
    if (json()) {
      console.json(answer);
      return true;
    }
    if (!classes.has("stages")) {
      console.result(
          "version " + plain(answer.path("version")) + " was judged without its classes");
      return true;
    }
    if (classes.path("unknown").isString()) {
      console.result(plain(classes.path("unknown")));
      return true;
    }
    console.result("%-10s %10s  %-12s %s".formatted("stage", "rows", "ratio", "classes"));
    for (JsonNode stage : classes.path("stages")) {
      line(console, stage);
    }
    long served = answer.path("served").asLong(0);
    if (served > 0) {
      long positives = answer.path("servedPositives").asLong();
      console.result(
          String.format(
              Locale.ROOT,
              "%-10s %10d  %-12s 0: %d, 1: %d (%.1f %%); mean score %.1f %%",
              "served",
              served,
              ratio(
                  (double) Math.max(positives, served - positives),
                  (double) Math.min(positives, served - positives)),
              served - positives,
              positives,
              100.0 * positives / served,
              100 * answer.path("servedScoreMean").asDouble(Double.NaN)));
    }
    for (JsonNode stage : classes.path("stages")) {
      if (stage.path("jump").isObject()) {
        console.result("! " + plain(stage.path("jump").path("message")));
      }
    }
    return true;
  }

  private static void line(Console console, JsonNode stage) {
    StringJoiner classes = new StringJoiner(", ");
    long rows = 0;
    for (var each : stage.path("rows").properties()) {
      rows += each.getValue().asLong();
      JsonNode weighted = stage.path("weightedShares").path(each.getKey());
      classes.add(
          String.format(
              Locale.ROOT,
              "%s: %d (%.1f %%%s)",
              each.getKey(),
              each.getValue().asLong(),
              100 * stage.path("shares").path(each.getKey()).asDouble(0),
              weighted.isNumber()
                  ? String.format(Locale.ROOT, ", %.1f %% by weight", 100 * weighted.asDouble())
                  : ""));
    }
    JsonNode ratio = stage.path("ratio");
    console.result(
        String.format(
            Locale.ROOT,
            "%-10s %10d  %-12s %s",
            plain(stage.path("name")),
            rows,
            ratio.isNumber() ? ratio(ratio.asDouble(), 1) : "–",
            classes));
  }

  private static String ratio(double more, double fewer) {
    return fewer == 0 ? "–" : String.format(Locale.ROOT, "%.2f to 1", more / fewer);
  }
}
