// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Builds a point-in-time-correct dataset and fetches it. */
@Command(
    name = "dataset",
    description = "Build a dataset of every labelled moment as Parquet, and fetch it.",
    mixinStandardHelpOptions = true)
public final class Dataset extends AppCommand {
  private static final Duration LOOK_EVERY = Duration.ofMillis(300);

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the files (default: none).")
  private @Nullable Path out;

  @Option(names = "--from", paramLabel = "MS", description = "Earliest moment, milliseconds.")
  private @Nullable Long from;

  @Option(names = "--to", paramLabel = "MS", description = "Latest moment, exclusive.")
  private @Nullable Long to;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "900",
      description = "How long to wait (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Override
  boolean run(ApiClient client, Console console) {
    Map<String, Object> body = new LinkedHashMap<>();
    if (from != null) {
      body.put("fromMs", from);
    }
    if (to != null) {
      body.put("toMs", to);
    }
    String id =
        client.post(Service.FEATURE_STORE, path("/datasets"), body).path("datasetId").asString();
    JsonNode built = await(client, console, id);
    if (!built.path("status").asString().equals("READY")) {
      console.progress("no dataset: " + plain(built.path("message")));
      return false;
    }
    if (out != null) {
      for (JsonNode file : built.path("manifest").path("files")) {
        fetch(client, console, id, plain(file.path("name")), out);
      }
      write(out.resolve("manifest.json"), built.path("manifest").toPrettyString());
    }
    if (json()) {
      console.json(built);
    } else {
      console.result(built.path("manifest").toPrettyString());
    }
    return true;
  }

  private JsonNode await(ApiClient client, Console console, String id) {
    long deadline = System.nanoTime() + Duration.ofSeconds(timeoutSeconds).toNanos();
    long shown = -1;
    while (System.nanoTime() < deadline) {
      JsonNode state = client.get(Service.FEATURE_STORE, path("/datasets/" + encoded(id)));
      if (!state.path("status").asString().equals("RUNNING")) {
        return state;
      }
      long rows = state.path("rowsDone").asLong();
      if (rows != shown) {
        console.progress("  %,d rows".formatted(rows));
        shown = rows;
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
    throw new IllegalStateException(
        "dataset " + id + " is not built within " + timeoutSeconds + " s");
  }

  private void fetch(ApiClient client, Console console, String id, String name, Path folder) {
    Path target = folder.resolve(Path.of(name).getFileName());
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + folder, e);
    }
    HttpRequest request =
        client
            .request(
                Service.FEATURE_STORE,
                path("/datasets/" + encoded(id) + "/files/" + encoded(name)),
                Duration.ofMinutes(5))
            .GET()
            .build();
    HttpResponse<Path> response =
        client.send(Service.FEATURE_STORE, request, HttpResponse.BodyHandlers.ofFile(target));
    if (response.statusCode() != 200) {
      throw new IllegalStateException(
          "the feature store answered " + response.statusCode() + " for " + name);
    }
    console.progress("  " + target);
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
