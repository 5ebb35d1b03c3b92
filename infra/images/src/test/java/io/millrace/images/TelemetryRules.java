// SPDX-License-Identifier: Apache-2.0
package io.millrace.images;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Follows spans and metrics from the services to the collector, Jaeger, Prometheus and Grafana. */
final class TelemetryRules {
  private static final Path INFRA = Path.of("infra");

  private final Stack stack;
  private final Set<String> metrics;
  private final List<String> violations = new ArrayList<>();

  private TelemetryRules(Stack stack, Set<String> metrics) {
    this.stack = stack;
    this.metrics = metrics;
  }

  static List<String> violations(Stack stack, Set<String> metrics) throws IOException {
    var rules = new TelemetryRules(stack, metrics);
    rules.spans();
    rules.scrapes();
    rules.dashboards();
    return rules.violations;
  }

  private void require(boolean holds, String violation) {
    if (!holds) {
      violations.add(violation);
    }
  }

  private Tree read(String file) throws IOException {
    return Tree.read(stack.root().resolve(INFRA).resolve(file));
  }

  private void spans() throws IOException {
    Tree collector = read("otel-collector.yaml");
    String receives = collector.at("receivers", "otlp", "protocols", "http", "endpoint").text();
    for (String service : Stack.SIX) {
      URI sendsTo = URI.create(stack.services().get(service).property("millrace.otlp-endpoint"));
      require(
          "collector".equals(sendsTo.getHost()) && receives.endsWith(":" + sendsTo.getPort()),
          service + ": sends spans to " + sendsTo + ", the collector listens at " + receives);
    }
    require(
        collector.at("exporters", "otlp", "endpoint").text().equals("jaeger:4317"),
        "collector: does not export to Jaeger's OTLP port");
    Tree traces = collector.at("service", "pipelines", "traces");
    for (String kind : List.of("receivers", "processors", "exporters")) {
      Set<String> defined = collector.at(kind).entries().keySet();
      require(
          !defined.isEmpty() && defined.equals(Set.copyOf(traces.at(kind).texts())),
          "collector: its pipeline's " + kind + " are not the defined ones");
    }
    require(
        stack.container("collector").at("volumes").texts().stream()
            .anyMatch(
                volume ->
                    volume.startsWith("./infra/otel-collector.yaml:")
                        && stack
                            .container("collector")
                            .at("command")
                            .texts()
                            .contains("--config=" + volume.split(":")[1])),
        "collector: is not started with its configuration");
  }

  private void scrapes() throws IOException {
    var targets = new LinkedHashMap<String, String>();
    String path = "";
    for (Tree job : read("prometheus.yml").at("scrape_configs").items()) {
      if (job.at("job_name").text().equals("millrace")) {
        path = job.at("metrics_path").text();
        for (Tree group : job.at("static_configs").items()) {
          String target = String.join(",", group.at("targets").texts());
          targets.put(group.at("labels", "service").text(), target);
        }
      }
    }
    for (String service : Stack.SIX) {
      require(
          (service + ":" + stack.port(service)).equals(targets.get(service)),
          service + ": Prometheus asks " + targets.get(service));
      require(
          path.equals("/actuator/prometheus")
              && stack
                  .services()
                  .get(service)
                  .property("management.endpoints.web.exposure.include")
                  .contains("prometheus"),
          service + ": has no metrics at " + path);
    }
    require(targets.size() == Stack.SIX.size(), "Prometheus asks more than the six services");
  }

  private void dashboards() throws IOException {
    var sources = new LinkedHashMap<String, String>();
    for (Tree source :
        read("grafana/provisioning/datasources/datasources.yaml").at("datasources").items()) {
      sources.put(source.at("uid").text(), source.at("url").text());
      URI url = URI.create(source.at("url").text());
      require(
          url.getHost() != null
              && stack
                  .container(url.getHost())
                  .at("ports")
                  .texts()
                  .contains("127.0.0.1:" + url.getPort() + ":" + url.getPort()),
          "Grafana: no container at " + url);
    }
    List<Path> dashboards;
    try (Stream<Path> files =
        Files.list(stack.root().resolve(INFRA).resolve("grafana/dashboards"))) {
      dashboards = files.sorted().toList();
    }
    require(!dashboards.isEmpty(), "Grafana: no dashboard");
    for (Path file : dashboards) {
      dashboard(file.getFileName().toString(), Tree.read(file), sources);
    }
  }

  private void dashboard(String name, Tree dashboard, Map<String, String> sources) {
    require(dashboard.at("uid").exists(), name + ": has no uid");
    require(!dashboard.at("panels").items().isEmpty(), name + ": has no panel");
    for (Tree panel : dashboard.at("panels").items()) {
      String title = name + ", " + panel.at("title").text();
      String type = panel.at("type").text();
      if (type.equals("row") || type.equals("text")) {
        continue;
      }
      require(
          sources.containsKey(panel.at("datasource", "uid").text()),
          title + ": its data source is not provisioned");
      require(!panel.at("targets").items().isEmpty(), title + ": asks nothing");
      for (Tree target : panel.at("targets").items()) {
        var unknown = new TreeSet<>(MetricNames.inQuery(target.at("expr").text()));
        unknown.removeAll(metrics);
        require(unknown.isEmpty(), title + ": no service has the metric " + unknown);
      }
    }
  }
}
