// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import io.millrace.cli.stack.ServiceProcess;
import io.millrace.cli.stack.Stack;
import io.millrace.local.Backend;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What runs, and what the applications' books say.
 *
 * @param services each service by name
 * @param backends each backend by name
 * @param applications each application by name
 * @param rssMb all processes together, in MiB
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record StackReport(
    Map<String, ServiceLine> services,
    Map<String, BackendLine> backends,
    Map<String, ApplicationLine> applications,
    @JsonProperty("rss_mb") long rssMb) {

  /**
   * A service.
   *
   * @param ready whether it says that it is ready
   * @param url base URL
   * @param rssMb resident memory in MiB; null where it does not run
   * @param startS seconds of its last start until it was ready; null where it never was
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record ServiceLine(
      boolean ready,
      URI url,
      @JsonProperty("rss_mb") @Nullable Long rssMb,
      @JsonProperty("start_s") @Nullable Double startS) {}

  /**
   * A backend.
   *
   * @param running whether its process runs
   * @param address where clients connect; null before its first start
   * @param rssMb resident memory in MiB; null where it does not run
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record BackendLine(
      boolean running, @Nullable String address, @JsonProperty("rss_mb") @Nullable Long rssMb) {}

  /**
   * An application.
   *
   * @param books events in, accepted, rejected, duplicates
   */
  record ApplicationLine(BooksLine books) {}

  /**
   * The books of an application: {@code in = accepted + rejected + duplicates}.
   *
   * @param in events offered
   * @param accepted events published
   * @param rejected events refused, each in the dead-letter topic
   * @param duplicates events that were there before
   */
  record BooksLine(long in, long accepted, long rejected, long duplicates) {}

  static StackReport of(Stack stack) {
    Map<String, ServiceLine> services = new LinkedHashMap<>();
    long total = 0;
    for (ServiceProcess service : stack.services()) {
      Long rss = boxed(service.residentMb());
      total += rss == null ? 0 : rss;
      services.put(
          service.service().id(),
          new ServiceLine(
              service.isReady(), service.url(), rss, service.startSeconds().orElse(null)));
    }
    Map<String, BackendLine> backends = new LinkedHashMap<>();
    for (Backend backend : stack.backends().backends()) {
      boolean running = backend.pid().isPresent();
      Long rss = boxed(Stack.residentMb(backend));
      total += rss == null ? 0 : rss;
      backends.put(
          backend.name(), new BackendLine(running, running ? backend.address() : null, rss));
    }
    ServiceLine ingest = services.get(Service.INGEST.id());
    return new StackReport(
        services,
        backends,
        ingest != null && ingest.ready() ? applications(stack) : Map.of(),
        total);
  }

  private static Map<String, ApplicationLine> applications(Stack stack) {
    Map<String, ApplicationLine> applications = new LinkedHashMap<>();
    try (ApiClient client = new ApiClient(stack.folder())) {
      for (String app : names(client.get(Service.INGEST, "/v1/applications"))) {
        JsonNode books;
        try {
          books = client.get(Service.INGEST, "/v1/applications/" + app + "/books");
        } catch (ApiException e) {
          if (e.status() == 404) {
            // Deleted since it was listed.
            continue;
          }
          throw e;
        }
        applications.put(
            app,
            new ApplicationLine(
                new BooksLine(
                    books.path("in").asLong(),
                    books.path("accepted").asLong(),
                    books.path("rejected").asLong(),
                    books.path("duplicates").asLong())));
      }
    }
    return applications;
  }

  /** The names in a list of applications, which may hold names or objects with one. */
  static List<String> names(JsonNode answer) {
    JsonNode list = answer.isArray() ? answer : answer.path("applications");
    List<String> names = new ArrayList<>();
    for (JsonNode entry : list) {
      if (entry.isString()) {
        names.add(entry.asString());
      } else if (entry.path("app").isString()) {
        names.add(entry.path("app").asString());
      } else if (entry.path("name").isString()) {
        names.add(entry.path("name").asString());
      }
    }
    return names;
  }

  boolean allReady() {
    return services.values().stream().allMatch(ServiceLine::ready)
        && backends.values().stream().allMatch(BackendLine::running);
  }

  List<String> table() {
    List<String> lines = new ArrayList<>();
    String row = "%-14s %-9s %-28s %8s %8s";
    lines.add(row.formatted("", "", "", "start s", "rss MB"));
    services.forEach(
        (name, line) ->
            lines.add(
                row.formatted(
                    name,
                    line.ready() ? "ready" : line.rssMb() == null ? "stopped" : "not ready",
                    line.url(),
                    line.startS() == null ? "" : "%.1f".formatted(line.startS()),
                    line.rssMb() == null ? "" : line.rssMb())));
    backends.forEach(
        (name, line) ->
            lines.add(
                row.formatted(
                    name,
                    line.running() ? "running" : "stopped",
                    line.address() == null ? "" : line.address(),
                    "",
                    line.rssMb() == null ? "" : line.rssMb())));
    lines.add(row.formatted("all", "", "", "", rssMb));
    applications.forEach(
        (name, line) ->
            lines.add(
                "%-14s in %,d = accepted %,d + rejected %,d + duplicates %,d"
                    .formatted(
                        name,
                        line.books().in(),
                        line.books().accepted(),
                        line.books().rejected(),
                        line.books().duplicates())));
    return lines;
  }

  private static @Nullable Long boxed(OptionalLong value) {
    return value.isPresent() ? Long.valueOf(value.getAsLong()) : null;
  }
}
