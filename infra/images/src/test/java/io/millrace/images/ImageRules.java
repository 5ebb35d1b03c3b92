// SPDX-License-Identifier: Apache-2.0
package io.millrace.images;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What each of the six Dockerfiles has to be: pinned, layered, unprivileged, asked for health. */
final class ImageRules {
  private static final Pattern PINNED =
      Pattern.compile("[a-z-]+:[0-9]+\\.[0-9]+\\.[0-9]+[a-z0-9_-]+");
  private static final Pattern RUNTIME = Pattern.compile("eclipse-temurin:25\\..*-jre-.*");
  private static final Pattern UNPRIVILEGED = Pattern.compile("[1-9][0-9]*:[1-9][0-9]*");

  private final Stack stack;
  private final String service;
  private final Dockerfile image;
  private final List<String> violations;

  private ImageRules(Stack stack, String service, List<String> violations) {
    this.stack = stack;
    this.service = service;
    this.image = stack.images().get(service);
    this.violations = violations;
  }

  static List<String> violations(Stack stack) {
    var violations = new ArrayList<String>();
    for (String service : Stack.SIX) {
      var rules = new ImageRules(stack, service, violations);
      rules.bases();
      rules.layers();
      rules.user();
      rules.health();
      rules.start();
    }
    return violations;
  }

  private void require(boolean holds, String violation) {
    if (!holds) {
      violations.add(service + ": " + violation);
    }
  }

  private void bases() {
    for (String base : image.baseImages()) {
      require(PINNED.matcher(base).matches(), "base image not pinned: " + base);
    }
    String runtime = image.baseImages().getLast();
    require(RUNTIME.matcher(runtime).matches(), "runs on " + runtime + ", not on a JRE 25");
    require(
        image.buildStage().equals(stack.images().get(Stack.SIX.getFirst()).buildStage()),
        "its build stage differs from the others, so that nothing is shared");
  }

  private void layers() {
    String layers = "--from=build /src/services/" + service + "/target/layers/";
    List<String> copied =
        image.all("COPY").stream().filter(argument -> argument.startsWith("--from")).toList();
    require(
        copied.equals(
            List.of(
                layers + "third-party/ third-party/",
                layers + "millrace/ millrace/",
                layers + "service.jar service.jar")),
        "its layers are " + copied);
  }

  private void user() {
    String user = image.last("USER");
    require(UNPRIVILEGED.matcher(user).matches(), "runs as '" + user + "'");
  }

  private void health() {
    String check = image.last("HEALTHCHECK");
    List<String> words = Dockerfile.words(check);
    String port = stack.port(service);
    require(
        check.contains(" CMD [") && !words.isEmpty() && words.getFirst().equals("curl"),
        "no health check in exec form");
    require(
        !words.isEmpty()
            && words.getLast().equals("http://127.0.0.1:" + port + "/actuator/health/readiness"),
        "its health is asked at '" + (words.isEmpty() ? "" : words.getLast()) + "'");
    ServiceConfiguration configuration = stack.services().get(service);
    require(
        configuration.property("management.endpoints.web.exposure.include").contains("health")
            && configuration.property("management.endpoint.health.probes.enabled").equals("true")
            && configuration.property("management.server.port").isEmpty()
            && configuration.property("management.endpoints.web.base-path").isEmpty(),
        "does not answer at /actuator/health/readiness of its port");
    require(image.all("EXPOSE").equals(List.of(port)), "exposes " + image.all("EXPOSE"));
    require(
        port.equals(image.environment().get("SERVER_PORT")),
        "is built for port " + image.environment().get("SERVER_PORT"));
  }

  private void start() {
    Dockerfile.Instruction entry = image.instructions().getLast();
    require(entry.name().equals("ENTRYPOINT") && entry.isExecForm(), "no entry point in exec form");
    List<String> words = Dockerfile.words(entry.argument());
    require(
        words.contains("/app/service.jar:/app/millrace/*:/app/third-party/*"),
        "its class path is not that of its layers");
    String main = words.isEmpty() ? "" : words.getLast();
    Path source =
        stack
            .code()
            .resolve("services/" + service + "/src/main/java")
            .resolve(main.replace('.', '/') + ".java");
    require(Files.exists(source), "no class " + main);
  }
}
