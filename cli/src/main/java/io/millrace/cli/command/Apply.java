// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.Millrace;
import io.millrace.cli.StackSettings;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import io.millrace.common.application.ApplicationParser;
import io.millrace.common.application.ParsedApplication;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Puts an application into force. */
@Command(
    name = "apply",
    description = {
      "Check an application file and put it into force.",
      "Every problem is listed with its place; nothing is sent until there is none."
    },
    mixinStandardHelpOptions = true)
public final class Apply implements Callable<Integer> {
  private static final List<String> NAMES =
      List.of("application.yaml", "application.yml", "application.json");
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  @Mixin private StackSettings settings = new StackSettings();

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "The file, or a folder with an application.yaml in it.")
  private @Nullable Path file;

  @Option(
      names = "--new-version",
      description = "Apply changes that break what the version in force accepted.")
  private boolean newVersion;

  @Option(names = "--json", description = "Print for machines.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Console console = Console.standard();
    Path found = file == null ? null : find(file);
    if (found == null) {
      console.progress(
          "There is no application file at " + file + "; a folder has one of " + NAMES);
      return Millrace.USAGE;
    }
    byte[] bytes = Files.readAllBytes(found);
    switch (ApplicationParser.parse(bytes)) {
      case ParsedApplication.Invalid invalid -> {
        console.progress(found + " has " + invalid.problems().size() + " problem(s):");
        invalid.problems().forEach(each -> console.progress("  " + each));
        return Millrace.FAILED;
      }
      case ParsedApplication.Valid valid -> {
        return send(console, valid.definition().name(), bytes);
      }
    }
  }

  private int send(Console console, String app, byte[] bytes) {
    try (ApiClient client = settings.client()) {
      JsonNode answer =
          client.json(
              Service.INGEST,
              client
                  .request(
                      Service.INGEST,
                      "/v1/applications/" + app + "?newVersion=" + newVersion,
                      TIMEOUT)
                  .header("Content-Type", "application/yaml")
                  .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))
                  .build());
      if (json) {
        console.json(answer);
      } else {
        console.result(
            "%s: version %d %s"
                .formatted(
                    app,
                    answer.path("version").asInt(),
                    answer.path("changed").asBoolean() ? "is in force" : "was in force already"));
      }
      return Millrace.OK;
    }
  }

  private static @Nullable Path find(Path path) {
    if (!Files.isDirectory(path)) {
      return Files.isRegularFile(path) ? path : null;
    }
    return NAMES.stream().map(path::resolve).filter(Files::isRegularFile).findFirst().orElse(null);
  }
}
