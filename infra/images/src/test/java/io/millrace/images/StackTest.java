// SPDX-License-Identifier: Apache-2.0
package io.millrace.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The container stack as checked in breaks no rule, and each rule notices what it is there for. */
final class StackTest {
  private static final Path ROOT =
      Path.of(System.getProperty("millrace.home", "../..")).toAbsolutePath().normalize();

  private static Set<String> metrics;

  @BeforeAll
  static void readMetricNames() throws IOException {
    metrics = MetricNames.inSources(ROOT);
  }

  @Test
  void stack_asCheckedIn_breaksNoRule() throws IOException {
    assertThat(violations(ROOT)).isEmpty();
  }

  @ParameterizedTest(name = "{3}")
  @MethodSource("mistakes")
  void stack_withMistake_isRefused(
      String file, String right, String wrong, String complaint, @TempDir Path copy)
      throws IOException {
    copyStack(copy);
    Path mistaken = copy.resolve(file);
    String text = Files.readString(mistaken);
    assertThat(text).as("%s still holds what the mistake replaces", file).contains(right);
    Files.writeString(mistaken, text.replace(right, wrong));

    assertThat(violations(copy)).anySatisfy(found -> assertThat(found).contains(complaint));
  }

  static Stream<Arguments> mistakes() {
    String compose = "docker-compose.yml";
    String image = "services/trainer/Dockerfile";
    String dashboard = "infra/grafana/dashboards/millrace.json";
    return Stream.of(
        mistake(compose, "redis:7.4.9-alpine", "redis:latest", "image not pinned"),
        mistake(compose, "apache/kafka:4.0.2", "apache/kafka:4.2.1", "not the version of the root"),
        mistake(compose, "127.0.0.1:8084:8084", "8084:8084", "not bound to loopback"),
        mistake(compose, "SERVER_PORT: \"8084\"", "SERVER_PORT: \"8094\"", "listens on 8094"),
        mistake(
            compose, "MILLRACE_BIND: 0.0.0.0", "MILLRACE_BIND: 127.0.0.1", "no other container"),
        mistake(compose, "MILLRACE_DATA: /data", "MILLRACE_DATA: /tmp", "no volume of its own"),
        mistake(compose, "MILLRACE_KAFKA:", "MILLRACE_BROKER:", "nothing reads the variable"),
        mistake(compose, "MILLRACE_KAFKA:", "MILLRACE_BROKER:", "MILLRACE_KAFKA is missing"),
        mistake(compose, "http://monitor:8086\n", "http://monitor:8080\n", "looks for monitor at"),
        mistake(compose, "kafka:19092\n", "kafka:9092\n", "Kafka does not advertise"),
        mistake(compose, "redis://redis:6379", "redis://cache:6379", "no Redis at"),
        mistake(compose, "MILLRACE_API_KEY: $", "MILLRACE_API_KEY: k", "come from outside"),
        mistake(compose, "test: [\"CMD\", \"redis-cli\", \"ping\"]", "disable: true", "no health"),
        mistake(
            compose,
            "kafka: {condition: service_healthy}",
            "kafka: {condition: service_started}",
            "should wait for kafka"),
        mistake(
            compose,
            "\n  trainer:\n  inference:\n  monitor:\n  kafka:",
            "\n  kafka:",
            "volume trainer does not exist"),
        mistake(
            image, "eclipse-temurin:25.0.2_10-jre-noble", "eclipse-temurin:25-jre", "not pinned"),
        mistake(image, "eclipse-temurin:25.0.2_10-jre", "eclipse-temurin:21.0.9_10-jre", "JRE 25"),
        mistake(image, "USER 10001:10001", "USER root", "runs as 'root'"),
        mistake(image, "EXPOSE 8084", "EXPOSE 8085", "exposes [8085]"),
        mistake(image, "/actuator/health/readiness", "/health", "its health is asked at"),
        mistake(image, "ENTRYPOINT [\"java\",", "ENTRYPOINT java", "no entry point in exec form"),
        mistake(image, "wiring.TrainerApplication", "wiring.Trainer", "no class io.millrace"),
        mistake(image, "layers/millrace/ millrace/", "layers/millrace/ .", "its layers are"),
        mistake(image, "bash infra/images/layers.sh", "mvn package", "its build stage differs"),
        mistake(
            "services/trainer/src/main/resources/application.yaml",
            "service: trainer",
            "service: coach",
            "calls itself coach"),
        mistake(
            "services/trainer/src/main/resources/application.yaml",
            "spring:\n  config.import:",
            "server.address: 0.0.0.1\nspring:\n  config.import:",
            "what it sets for server.address is overruled"),
        mistake(
            "infra/prometheus.yml", "trainer:8084", "trainer:8085", "Prometheus asks trainer:8085"),
        mistake(
            "infra/prometheus.yml", "/actuator/prometheus", "/metrics", "no metrics at /metrics"),
        mistake("infra/otel-collector.yaml", "0.0.0.0:4318", "0.0.0.0:4317", "sends spans to"),
        mistake(
            "infra/otel-collector.yaml",
            "processors: [memory_limiter, batch]",
            "processors: [batch]",
            "its pipeline's processors"),
        mistake(
            "infra/grafana/provisioning/datasources/datasources.yaml",
            "http://prometheus:9090",
            "http://metrics:9090",
            "no container at"),
        mistake(dashboard, "\"uid\": \"prometheus\"", "\"uid\": \"elsewhere\"", "not provisioned"),
        mistake(
            dashboard, "jvm_memory_used_bytes", "jvm_memory_spent_bytes", "[jvm_memory_spent]"));
  }

  @Test
  void metricNames_ofQuery_areTheSelectedOnes() {
    assertThat(
            MetricNames.inQuery(
                "histogram_quantile(0.99, sum by (le, app) (rate(a_latency_seconds_bucket[1m])))"
                    + " / on (app) b_total{kind=~\"x|y\"} > bool 3"))
        .containsExactlyInAnyOrder("a_latency", "b");
  }

  private static Arguments mistake(String file, String right, String wrong, String complaint) {
    return Arguments.of(file, right, wrong, complaint);
  }

  private static List<String> violations(Path root) throws IOException {
    Stack stack = Stack.read(root, ROOT);
    var violations = new ArrayList<>(ComposeRules.violations(stack));
    violations.addAll(ImageRules.violations(stack));
    violations.addAll(TelemetryRules.violations(stack, metrics));
    return violations;
  }

  /** Copies what a mistake can be made in. */
  private static void copyStack(Path copy) throws IOException {
    var files = new ArrayList<>(List.of(Path.of("docker-compose.yml"), Path.of("pom.xml")));
    try (Stream<Path> infra = Files.walk(ROOT.resolve("infra"), 4)) {
      infra
          .map(ROOT::relativize)
          .filter(file -> file.toString().matches(".*\\.(ya?ml|json)"))
          .forEach(files::add);
    }
    for (String service : Stack.SIX) {
      Path folder = Path.of("services", service);
      files.add(folder.resolve("Dockerfile"));
      files.add(folder.resolve("src/main/resources/application.yaml"));
    }
    for (Path file : files) {
      Files.createDirectories(copy.resolve(file).getParent());
      Files.copy(ROOT.resolve(file), copy.resolve(file));
    }
  }
}
