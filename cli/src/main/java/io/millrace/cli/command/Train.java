// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Asks for a training run and shows what came of it. */
@Command(
    name = "train",
    description = {
      "Build a dataset, train, and evaluate against majority and the application's heuristics.",
      "Exits with 0 once the version passed its gates, with 1 where it did not."
    },
    mixinStandardHelpOptions = true)
public final class Train extends AppCommand {
  private static final Set<String> ENDED = Set.of("PACKAGED", "REFUSED", "FAILED");
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  @Option(
      names = "--wait",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Wait for the run and the verdict on it (default; --no-wait only asks).")
  private boolean wait;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "900",
      description = "How long to wait (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "asked for by hand",
      description = "Why, for the record.")
  private String reason = "";

  @Option(
      names = "--algorithm",
      paramLabel = "KIND",
      description = "xgboost, logistic or mlp instead of the declared one.")
  private @Nullable String algorithm;

  @Option(names = "--trials", paramLabel = "N", description = "Trials of the parameter search.")
  private @Nullable Integer trials;

  @Option(names = "--seed", paramLabel = "N", description = "Seed of everything random.")
  private @Nullable Long seed;

  @Override
  boolean run(ApiClient client, Console console) {
    Map<String, String> options = new LinkedHashMap<>();
    put(options, "algorithm", algorithm);
    put(options, "trials", trials);
    put(options, "seed", seed);
    JsonNode asked =
        client.post(
            Service.TRAINER, path("/training"), Map.of("reason", reason, "options", options));
    String runId = asked.path("runId").asString();
    console.progress("run " + runId);
    if (!wait) {
      print(console, asked, null);
      return true;
    }
    long deadline = System.nanoTime() + Duration.ofSeconds(timeoutSeconds).toNanos();
    JsonNode run = awaitRun(client, console, runId, deadline);
    if (!run.path("state").asString().equals("PACKAGED")) {
      print(console, run, null);
      console.progress("the run gave no model: " + run.path("reasons"));
      return false;
    }
    JsonNode version = awaitVerdict(client, console, run.path("version").asString(), deadline);
    print(console, run, version);
    return !version.path("status").asString().equals("REFUSED");
  }

  private static void put(Map<String, String> options, String name, @Nullable Object value) {
    if (value != null) {
      options.put(name, value.toString());
    }
  }

  private JsonNode awaitRun(ApiClient client, Console console, String runId, long deadline) {
    String last = "";
    while (System.nanoTime() < deadline) {
      try {
        JsonNode run = client.get(Service.TRAINER, path("/runs/" + encoded(runId)));
        String state = run.path("state").asString();
        JsonNode steps = run.path("steps");
        String line = state + detail(steps);
        if (!line.equals(last)) {
          console.progress("  " + line);
          last = line;
        }
        if (ENDED.contains(state)) {
          return run;
        }
      } catch (ApiException e) {
        // The request is on the topic; the trainer knows the run once it has read it.
        if (e.status() != 404) {
          throw e;
        }
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
    throw notInTime("run " + runId + " has not ended");
  }

  private static String detail(JsonNode steps) {
    if (steps.isEmpty()) {
      return "";
    }
    String detail = steps.get(steps.size() - 1).path("detail").asString("");
    return detail.isEmpty() ? "" : ": " + detail;
  }

  private JsonNode awaitVerdict(ApiClient client, Console console, String version, long deadline) {
    console.progress("  version " + version + " waits for the verdict of the validator");
    while (System.nanoTime() < deadline) {
      JsonNode state =
          client.get(Service.TRAINER, path("/models/" + encoded(version))).path("state");
      if (!state.path("status").asString().equals("CANDIDATE")) {
        return state;
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
    throw notInTime("version " + version + " has no verdict");
  }

  private IllegalStateException notInTime(String what) {
    return new IllegalStateException(
        what
            + " within "
            + timeoutSeconds
            + " s; `millrace logs trainer` and `millrace logs"
            + " validator` tell more");
  }

  private void print(Console console, JsonNode run, @Nullable JsonNode version) {
    if (json()) {
      Map<String, JsonNode> result = new LinkedHashMap<>();
      result.put("run", run);
      if (version != null) {
        result.put("model", version);
      }
      console.json(result);
      return;
    }
    lines(run).forEach(console::result);
    run.path("reasons").forEach(reason -> console.result("reason     " + reason.asString()));
    if (version != null) {
      console.result(
          "version    " + plain(version.path("version")) + "  " + plain(version.path("status")));
      for (JsonNode step : version.path("transitions")) {
        step.path("reasons")
            .forEach(
                why -> console.result("  " + plain(step.path("status")) + ": " + why.asString()));
      }
    }
  }

  /** What was trained on, and what each scorer reached on the rows held out. */
  static List<String> lines(JsonNode run) {
    List<String> lines = new ArrayList<>();
    lines.add("run        " + plain(run.path("runId")) + "  " + plain(run.path("state")));
    JsonNode dataset = run.path("dataset");
    if (dataset.isObject()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "dataset    %s: %,d rows, %,d to train, %,d held out; %.1f %% positive; %s to %s",
              plain(dataset.path("id")),
              dataset.path("rows").asLong(),
              dataset.path("trainRows").asLong(),
              dataset.path("evalRows").asLong(),
              dataset.path("positiveShare").asDouble() * 100,
              Instant.ofEpochMilli(dataset.path("fromMs").asLong()),
              Instant.ofEpochMilli(dataset.path("toMs").asLong())));
    }
    JsonNode evaluations = run.path("evaluations");
    List<String> names = new ArrayList<>(evaluations.propertyNames());
    names.sort(Comparator.comparingInt(Train::rank).thenComparing(Comparator.naturalOrder()));
    for (String name : names) {
      JsonNode auc = evaluations.path(name).path("auc");
      StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-32s", name));
      if (auc.isObject()) {
        line.append(
            String.format(
                Locale.ROOT,
                "AUC %.4f [%.4f, %.4f]",
                auc.path("value").asDouble(),
                auc.path("low").asDouble(),
                auc.path("high").asDouble()));
      }
      JsonNode intervals = evaluations.path(name).path("intervals");
      JsonNode figures = evaluations.path(name).path("figures");
      for (Map.Entry<String, JsonNode> figure : figures.properties()) {
        if (!intervals.has(figure.getKey())) {
          line.append(
              String.format(
                  Locale.ROOT, "  %s %.4f", figure.getKey(), figure.getValue().asDouble()));
        }
      }
      lines.add(line.toString());
      intervals
          .properties()
          .forEach(each -> lines.add(interval(each, figures.path(each.getKey()))));
    }
    return lines;
  }

  /** A figure with its interval; only that where it is one of rows drawn by entity. */
  private static String interval(Map.Entry<String, JsonNode> interval, JsonNode figure) {
    return String.format(
        Locale.ROOT,
        "  %-30s%-7s[%.4f, %.4f]",
        interval.getKey(),
        figure.isNumber() ? String.format(Locale.ROOT, "%.4f", figure.asDouble()) : "",
        interval.getValue().path("low").asDouble(),
        interval.getValue().path("high").asDouble());
  }

  private static int rank(String scorer) {
    return scorer.equals("model") ? 0 : scorer.equals("majority") ? 1 : 2;
  }
}
