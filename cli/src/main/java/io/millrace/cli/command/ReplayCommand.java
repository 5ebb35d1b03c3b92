// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.Millrace;
import io.millrace.cli.StackSettings;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.replay.Replay;
import io.millrace.cli.replay.ReplayException;
import io.millrace.cli.replay.ReplayFile;
import io.millrace.cli.stack.Service;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Sends a file of past events. */
@Command(
    name = "replay",
    description = {
      "Send a file of past events: CSV or NDJSON, plain or gzip.",
      "Sending it again adds nothing. Exits with 0 only if the books balance and something of the",
      "file was accepted, now or before."
    },
    mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
  @Mixin private StackSettings settings = new StackSettings();

  @Option(names = "--app", required = true, paramLabel = "APP", description = "The application.")
  private String app = "";

  @Option(names = "--file", required = true, paramLabel = "FILE", description = "The file.")
  private Path file = Path.of("");

  @Option(
      names = "--event",
      paramLabel = "EVENT",
      description = "What its records are; not needed where the application has one kind of event.")
  private @Nullable String event;

  @Option(names = "--limit", paramLabel = "N", description = "Only the first N records.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description = {
        "Chunks under way at once (default: 1, which keeps the order of the file).",
        "With more, rows that overtake others by more than the allowed lateness are late."
      })
  private int parallel = 1;

  @Option(names = "--json", description = "Print for machines.")
  private boolean json;

  @Override
  public Integer call() {
    Console console = Console.standard();
    if (limit < 1 || parallel < 1 || parallel > 32) {
      console.progress("--limit is at least 1, --parallel 1 to 32");
      return Millrace.USAGE;
    }
    if (!Files.isRegularFile(file)) {
      console.progress(
          (Files.exists(file) ? "this is no file: " : "there is no file ") + file.toAbsolutePath());
      return Millrace.USAGE;
    }
    try (ApiClient client = settings.client()) {
      String kind = kind(client);
      ReplayFile found = ReplayFile.of(file);
      Replay replay =
          new Replay(client, app, kind, parallel, console.err(), System.console() != null && !json);
      Replay.Result result = replay.send(found, limit);
      JsonNode books = client.get(Service.INGEST, "/v1/applications/" + app + "/books");
      boolean balanced = result.balances() && balance(books);
      print(console, kind, result, books, balanced);
      if (result.accepted() + result.duplicates() == 0) {
        console.progress(
            "not one record was accepted: are these really records of '" + kind + "'?");
        return Millrace.FAILED;
      }
      return balanced ? Millrace.OK : Millrace.FAILED;
    } catch (ReplayException e) {
      console.progress(String.valueOf(e.getMessage()));
      return Millrace.FAILED;
    }
  }

  private String kind(ApiClient client) {
    if (event != null) {
      return event;
    }
    JsonNode events =
        client.get(Service.INGEST, "/v1/applications/" + app).path("definition").path("events");
    if (events.size() != 1) {
      throw new ReplayException(
          "the application has several kinds of event; say which with --event: "
              + String.join(", ", events.propertyNames()));
    }
    return events.propertyNames().iterator().next();
  }

  private void print(
      Console console, String kind, Replay.Result result, JsonNode books, boolean balanced) {
    if (json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("app", app);
      all.put("event", kind);
      all.put("file", result);
      all.put("books", books);
      all.put("balanced", balanced);
      console.json(all);
      return;
    }
    console.result(
        String.format(
            Locale.ROOT,
            "%s: %,d records in %.1f s (%,.0f rows/s): %,d accepted, %,d rejected, %,d duplicates",
            file.getFileName(),
            result.in(),
            result.seconds(),
            result.rowsPerSecond(),
            result.accepted(),
            result.rejected(),
            result.duplicates()));
    console.result(
        String.format(
            Locale.ROOT,
            "books of %s: %,d in = %,d accepted + %,d rejected + %,d duplicates%s",
            app,
            books.path("in").asLong(),
            books.path("accepted").asLong(),
            books.path("rejected").asLong(),
            books.path("duplicates").asLong(),
            balanced ? "" : " DO NOT BALANCE"));
    books
        .path("reasons")
        .properties()
        .forEach(
            reason ->
                console.result(
                    String.format(
                        Locale.ROOT,
                        "  rejected, %s: %,d",
                        reason.getKey(),
                        reason.getValue().asLong())));
  }

  private static boolean balance(JsonNode books) {
    return books.path("in").asLong()
        == books.path("accepted").asLong()
            + books.path("rejected").asLong()
            + books.path("duplicates").asLong();
  }
}
