// SPDX-License-Identifier: Apache-2.0
package io.millrace.images;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Metric names as Prometheus stores them, without the endings that tell a counter's or a timer's
 * parts: {@code millrace_ingest_events_total} and {@code millrace_ingest_events} are one name.
 */
final class MetricNames {
  private static final Pattern LITERAL = Pattern.compile("\"([a-z][a-z0-9._-]*)\"");

  /** Label lists, selectors' braces, ranges and the words between operands. */
  private static final Pattern NO_METRIC =
      Pattern.compile(
          "\\b(by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)"
              + "|\\{[^}]*}|\\[[^]]*]|\\b(and|or|unless|bool|offset)\\b");

  private static final Pattern SELECTED =
      Pattern.compile("(?<![A-Za-z0-9_.])[a-z_:][a-z0-9_:]*+(?!\\s*\\()");
  private static final Pattern ENDING =
      Pattern.compile("(_total|_seconds|_milliseconds|_bytes|_bucket|_count|_sum|_max)+$");

  /** From Prometheus itself and from Spring's observation of HTTP requests. */
  private static final List<String> GIVEN = List.of("up", "http_server_requests");

  private MetricNames() {}

  /** The names that the six services' code registers, and those of every JVM under Actuator. */
  static Set<String> inSources(Path root) throws IOException {
    var names = new TreeSet<>(GIVEN);
    for (String folder : List.of("services", "libs/chassis")) {
      try (Stream<Path> files = Files.walk(root.resolve(folder))) {
        List<Path> sources =
            files
                .filter(file -> file.toString().endsWith(".java"))
                .filter(file -> file.toString().contains("src/main/java"))
                .toList();
        for (Path source : sources) {
          names.addAll(inSource(Files.readString(source)));
        }
      }
    }
    names.addAll(ofEveryJvm());
    return names;
  }

  /** A file that meters names its metrics in literals: whole, or as a prefix and its rests. */
  private static Set<String> inSource(String code) {
    if (!code.contains("import io.micrometer.")) {
      return Set.of();
    }
    List<String> literals = LITERAL.matcher(code).results().map(match -> match.group(1)).toList();
    Stream<String> whole = literals.stream().filter(name -> name.matches("millrace[._].*[a-z0-9]"));
    Stream<String> joined =
        literals.stream()
            .filter(prefix -> prefix.matches("millrace[._].*[._-]"))
            .flatMap(prefix -> literals.stream().map(rest -> prefix + rest));
    return Stream.concat(whole, joined)
        .map(name -> base(name.replaceAll("[.-]", "_")))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The names that a PromQL expression selects. */
  static Set<String> inQuery(String expression) {
    return SELECTED
        .matcher(NO_METRIC.matcher(expression).replaceAll(" "))
        .results()
        .map(MatchResult::group)
        .map(MetricNames::base)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> ofEveryJvm() {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (var collections = new JvmGcMetrics()) {
      collections.bindTo(registry);
      List.of(
              new JvmMemoryMetrics(),
              new JvmThreadMetrics(),
              new ProcessorMetrics(),
              new UptimeMetrics())
          .forEach(binder -> binder.bindTo(registry));
      return registry
          .scrape()
          .lines()
          .filter(line -> line.startsWith("# TYPE "))
          .map(line -> base(line.split(" ")[2]))
          .collect(Collectors.toCollection(TreeSet::new));
    } finally {
      registry.close();
    }
  }

  private static String base(String name) {
    return ENDING.matcher(name).replaceAll("");
  }
}
