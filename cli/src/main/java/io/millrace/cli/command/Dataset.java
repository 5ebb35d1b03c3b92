// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import io.millrace.datasets.DatasetOrder;
import io.millrace.datasets.DatasetOrder.LostException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Builds a point-in-time-correct dataset and fetches it. */
@Command(
    name = "dataset",
    description = {
      "Build a dataset as Parquet, and fetch it: of every labelled moment of the application, or"
          + " of",
      "the moments in a file. The same question about the same data gives the same dataset."
    },
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
      names = "--spine",
      paramLabel = "FILE",
      description = {
        "CSV, plain or gzip, or Parquet, with the columns moment and that of an entity; known_at,",
        "id, label, weight and event.* where it has them. Every other column is kept."
      })
  private @Nullable Path spine;

  @Option(names = "--hashed", description = "Personal keys in the file are pseudonyms already.")
  private boolean hashed;

  @Option(
      names = "--features",
      paramLabel = "NAME",
      split = ",",
      description = "Only these features, view.name (default: what the model reads).")
  private @Nullable List<String> features;

  @Option(
      names = "--sample",
      paramLabel = "SHARE",
      description = "Keep this share of the rows, above 0 to 1; always the same ones.")
  private @Nullable Double sample;

  @Option(
      names = "--sample-by",
      paramLabel = "ENTITY",
      description = "Keep or leave out an entity's rows as a whole.")
  private @Nullable String sampleBy;

  @Option(
      names = "--negatives",
      paramLabel = "SHARE",
      description = "Keep this share of the rows with label 0; their weight makes up for it.")
  private @Nullable Double negatives;

  @Option(
      names = "--split",
      paramLabel = "KIND",
      description = "time, group or hash (default: the application's).")
  private @Nullable String split;

  @Option(names = "--split-by", paramLabel = "ENTITY", description = "Entity of a group split.")
  private @Nullable String splitBy;

  @Option(
      names = "--eval",
      paramLabel = "SHARE",
      description = "Share of evaluation rows (default: the application's).")
  private @Nullable Double evalShare;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "900",
      description = "How long to wait (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Override
  boolean run(ApiClient client, Console console) {
    Map<String, Object> body = new LinkedHashMap<>();
    if (spine != null) {
      body.put("spine", send(client, console, spine));
      body.put("pseudonymous", hashed);
    } else if (hashed) {
      throw new IllegalStateException("--hashed says something about --spine");
    }
    put(body, "fromMs", from);
    put(body, "toMs", to);
    put(body, "features", features);
    put(body, "sample", sample);
    put(body, "sampleBy", sampleBy);
    put(body, "negatives", negatives);
    put(body, "split", split);
    put(body, "splitBy", splitBy);
    put(body, "evalShare", evalShare);
    JsonNode built;
    try {
      built = DatasetOrder.get(new Order(client, console, body));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the dataset", e);
    }
    if (!built.path("status").asString().equals("READY")) {
      console.progress("no dataset: " + plain(built.path("message")));
      return false;
    }
    if (json()) {
      console.json(built);
    } else {
      console.result(built.path("manifest").toPrettyString());
    }
    return true;
  }

  private static void put(Map<String, Object> body, String name, @Nullable Object value) {
    if (value != null) {
      body.put(name, value);
    }
  }

  private String send(ApiClient client, Console console, Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalStateException("there is no file " + file.toAbsolutePath());
    }
    try {
      JsonNode sent =
          client.json(
              Service.FEATURE_STORE,
              client
                  .request(Service.FEATURE_STORE, path("/datasets/spines"), Duration.ofMinutes(10))
                  .header("Content-Type", "application/octet-stream")
                  .POST(HttpRequest.BodyPublishers.ofFile(file))
                  .build());
      console.progress("  spine " + plain(sent.path("id")) + ", " + sent.path("bytes") + " bytes");
      return sent.path("id").asString();
    } catch (FileNotFoundException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** The dataset that is asked for; a build that has failed counts as ready. */
  private final class Order implements DatasetOrder.Source<JsonNode, JsonNode> {
    private final ApiClient client;
    private final Console console;
    private final Map<String, Object> body;
    private final long deadline = System.nanoTime() + Duration.ofSeconds(timeoutSeconds).toNanos();
    private String shown = "";

    Order(ApiClient client, Console console, Map<String, Object> body) {
      this.client = client;
      this.console = console;
      this.body = body;
    }

    @Override
    public String ask() {
      return client
          .post(Service.FEATURE_STORE, path("/datasets"), body)
          .path("datasetId")
          .asString();
    }

    @Override
    public Optional<JsonNode> ready(String id) throws LostException {
      JsonNode state;
      try {
        state = client.get(Service.FEATURE_STORE, path("/datasets/" + encoded(id)));
      } catch (ApiException e) {
        if (DatasetOrder.isLost(e.status())) {
          throw lost(id);
        }
        throw e;
      }
      if (!state.path("status").asString().equals("RUNNING")) {
        return Optional.of(state);
      }
      String line = line(state);
      if (!line.equals(shown)) {
        console.progress(line);
        shown = line;
      }
      return Optional.empty();
    }

    private LostException lost(String id) {
      LostException lost = new LostException("dataset " + id + " is not there any more");
      console.progress("  " + lost.getMessage() + ", asking for it again");
      return lost;
    }

    @Override
    public JsonNode fetch(JsonNode ready) throws LostException {
      String id = ready.path("datasetId").asString();
      if (out != null && ready.path("status").asString().equals("READY")) {
        for (JsonNode file : ready.path("manifest").path("files")) {
          if (!fetched(client, console, id, plain(file.path("name")), out)) {
            throw lost(id);
          }
        }
        write(out.resolve("manifest.json"), ready.path("manifest").toPrettyString());
      }
      return ready;
    }

    @Override
    public void pause(String why) {
      if (System.nanoTime() >= deadline) {
        throw new IllegalStateException(why + " within " + timeoutSeconds + " s");
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
  }

  private static String line(JsonNode state) {
    return "  "
        + DatasetOrder.progress(
            plain(state.path("phase")),
            state.path("rowsDone").asLong(),
            state.path("rowsAll").asLong());
  }

  /** False where the dataset is lost. */
  private boolean fetched(ApiClient client, Console console, String id, String name, Path folder) {
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
    if (DatasetOrder.isLost(response.statusCode())) {
      return false;
    }
    if (response.statusCode() != 200) {
      throw new IllegalStateException(
          "the feature store answered " + response.statusCode() + " for " + name);
    }
    console.progress("  " + target);
    return true;
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
