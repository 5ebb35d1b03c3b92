// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.Millrace;
import io.millrace.cli.StackSettings;
import io.millrace.cli.api.ApiClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** What the commands about one application have in common. */
abstract class AppCommand implements Callable<Integer> {
  @Mixin private StackSettings settings = new StackSettings();

  @Parameters(paramLabel = "APP", description = "Name of the application.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String app;

  @Option(names = "--json", description = "Print for machines.")
  private boolean json;

  @Override
  public final Integer call() {
    try (ApiClient client = settings.client()) {
      return run(client, Console.standard()) ? Millrace.OK : Millrace.FAILED;
    }
  }

  /** Does it; false means failed, with the reason printed. */
  abstract boolean run(ApiClient client, Console console);

  /** Path of something of the application. */
  String path(String rest) {
    return "/v1/applications/" + encoded(app) + rest;
  }

  String app() {
    return app;
  }

  boolean json() {
    return json;
  }

  /** A path segment or query value. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** A value for people: texts without quotes, numbers as they are. */
  static String plain(JsonNode value) {
    return value.isMissingNode() || value.isNull()
        ? "–"
        : value.isString() ? value.asString() : value.toString();
  }
}
