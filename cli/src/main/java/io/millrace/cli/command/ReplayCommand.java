// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.Millrace;
import io.millrace.cli.StackSettings;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.replay.EventFile;
import io.millrace.cli.replay.Replay;
import io.millrace.cli.replay.ReplayException;
import io.millrace.cli.replay.ReplayFile;
import io.millrace.cli.stack.Service;
import io.millrace.common.definition.EventDefinition;
import io.millrace.common.definition.TimeDefinition;
import io.millrace.common.serde.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Sends files of past events. */
@Command(
    name = "replay",
    description = {
      "Send files of past events: CSV or NDJSON, plain or gzip. Several, one for each kind of"
          + " event,",
      "go out together in the order of their events, whatever their lengths.",
      "Sending a file again adds nothing. Exits with 0 only if the books balance and something of",
      "the files was accepted, now or before."
    },
    mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
  @Mixin private StackSettings settings = new StackSettings();

  @Option(names = "--app", required = true, paramLabel = "APP", description = "The application.")
  private String app = "";

  @Option(
      names = "--file",
      required = true,
      paramLabel = "[EVENT=]FILE",
      description = "The file; with others, each with the kind of its events: --file click=b.csv.")
  private List<String> files = List.of();

  @Option(
      names = "--event",
      paramLabel = "EVENT",
      description = "What its records are; not needed where the application has one kind of event.")
  private @Nullable String event;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Only the first N records, of all files.")
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
    List<Named> named = new ArrayList<>();
    for (String each : files) {
      named.add(Named.of(each));
    }
    String wrong = wrong(named);
    if (wrong != null) {
      console.progress(wrong);
      return Millrace.USAGE;
    }
    try (ApiClient client = settings.client()) {
      List<EventFile> found = events(client, named);
      Replay replay =
          new Replay(client, app, parallel, console.err(), System.console() != null && !json);
      Map<String, Replay.Result> results = replay.send(found, limit);
      JsonNode books = client.get(Service.INGEST, "/v1/applications/" + app + "/books");
      boolean balanced =
          results.values().stream().allMatch(Replay.Result::balances) && balance(books);
      print(console, found, results, books, balanced);
      long taken =
          results.values().stream().mapToLong(each -> each.accepted() + each.duplicates()).sum();
      if (taken == 0) {
        console.progress(
            "not one record was accepted: are these really records of '"
                + String.join("', '", results.keySet())
                + "'?");
        return Millrace.FAILED;
      }
      return balanced ? Millrace.OK : Millrace.FAILED;
    } catch (ReplayException e) {
      console.progress(String.valueOf(e.getMessage()));
      return Millrace.FAILED;
    }
  }

  /**
   * A file with the kind of its events.
   *
   * @param event null where it is not said
   */
  private record Named(@Nullable String event, Path file) {
    static Named of(String text) {
      int equals = text.indexOf('=');
      // A file may have an equals sign in its name.
      return equals < 1 || Files.exists(Path.of(text))
          ? new Named(null, Path.of(text))
          : new Named(text.substring(0, equals), Path.of(text.substring(equals + 1)));
    }
  }

  /** What is wrong with the files; null where nothing is. */
  private @Nullable String wrong(List<Named> named) {
    Set<String> events = new HashSet<>();
    for (Named each : named) {
      if (named.size() > 1 && each.event() == null) {
        return "with several files, write --file EVENT=FILE for each: " + each.file();
      }
      if (each.event() != null && event != null) {
        return "--event is for one file; write --file EVENT=FILE";
      }
      if (each.event() != null && !events.add(each.event())) {
        return "'" + each.event() + "' has two files; send them one after the other";
      }
      if (!Files.isRegularFile(each.file())) {
        return (Files.exists(each.file()) ? "this is no file: " : "there is no file ")
            + each.file().toAbsolutePath();
      }
    }
    return null;
  }

  private List<EventFile> events(ApiClient client, List<Named> named) {
    if (named.size() == 1) {
      Named only = named.getFirst();
      String kind = only.event() == null ? kind(client) : only.event();
      return List.of(new EventFile(kind, ReplayFile.of(only.file()), null));
    }
    JsonNode declared =
        client.get(Service.INGEST, "/v1/applications/" + app).path("definition").path("events");
    List<EventFile> found = new ArrayList<>();
    for (Named each : named) {
      JsonNode definition = declared.path(String.valueOf(each.event()));
      if (!definition.isObject()) {
        throw new ReplayException(
            "there is no event '"
                + each.event()
                + "'; there are "
                + String.join(", ", declared.propertyNames()));
      }
      found.add(
          new EventFile(
              String.valueOf(each.event()), ReplayFile.of(each.file()), timing(definition)));
    }
    return found;
  }

  /** What of an event's definition says when it happened and how late it may come. */
  private static EventDefinition timing(JsonNode definition) {
    return new EventDefinition(
        null,
        Json.mapper().treeToValue(definition.path("time"), TimeDefinition.class),
        null,
        null,
        definition.path("allowedLateness").asString(null),
        Map.of(),
        Map.of());
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
      Console console,
      List<EventFile> found,
      Map<String, Replay.Result> results,
      JsonNode books,
      boolean balanced) {
    if (json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("app", app);
      if (found.size() == 1) {
        all.put("event", found.getFirst().event());
        all.put("file", results.get(found.getFirst().event()));
      } else {
        all.put("files", results);
      }
      all.put("books", books);
      all.put("balanced", balanced);
      console.json(all);
      return;
    }
    for (EventFile each : found) {
      Replay.Result result = results.get(each.event());
      if (result != null) {
        console.result(
            String.format(
                Locale.ROOT,
                "%s: %,d records in %.1f s (%,.0f rows/s): %,d accepted, %,d rejected, %,d"
                    + " duplicates",
                each.file().path().getFileName(),
                result.in(),
                result.seconds(),
                result.rowsPerSecond(),
                result.accepted(),
                result.rejected(),
                result.duplicates()));
      }
    }
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
