// SPDX-License-Identifier: Apache-2.0
package io.millrace.images;

import io.millrace.chassis.MillraceProperties;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares {@code docker-compose.yml} with what the services and the build say of themselves. */
final class ComposeRules {
  /** One program and no shell: nothing inside can ask for their health. */
  private static final Set<String> CANNOT_ASK_THEMSELVES = Set.of("collector", "jaeger");

  /** Read by the JVM and by libraries, not by our configuration files. */
  private static final Set<String> READ_ELSEWHERE = Set.of("JAVA_TOOL_OPTIONS", "DJL_CACHE_DIR");

  private static final Pattern PINNED =
      Pattern.compile("[a-z0-9./-]+:v?[0-9]+\\.[0-9]+(\\.[0-9]+)?[A-Za-z0-9._-]*");

  private final Stack stack;
  private final List<String> violations = new ArrayList<>();

  private ComposeRules(Stack stack) {
    this.stack = stack;
  }

  static List<String> violations(Stack stack) throws IOException {
    var rules = new ComposeRules(stack);
    rules.images();
    rules.ports();
    rules.health();
    rules.volumes();
    for (String service : Stack.SIX) {
      rules.environment(service);
      rules.addresses(service);
    }
    return rules.violations;
  }

  private void require(boolean holds, String violation) {
    if (!holds) {
      violations.add(violation);
    }
  }

  private void images() throws IOException {
    String pom = Files.readString(stack.root().resolve("pom.xml"));
    stack
        .containers()
        .forEach(
            (name, container) -> {
              String image = container.at("image").text();
              require(PINNED.matcher(image).matches(), name + ": image not pinned: " + image);
            });
    for (String property : List.of("kafka.broker.version", "cassandra.version")) {
      Matcher version = Pattern.compile("<" + property + ">([^<]+)<").matcher(pom);
      String server = property.replaceAll("\\..*", "");
      String tag = stack.container(server).at("image").text().replaceAll(".*:", "");
      require(
          version.find() && version.group(1).equals(tag),
          server + ": image " + tag + " is not the version of the root pom.xml");
    }
    for (String service : Stack.SIX) {
      String dockerfile = stack.container(service).at("build", "dockerfile").text();
      require(
          dockerfile.equals("services/" + service + "/Dockerfile"),
          service + ": built from '" + dockerfile + "'");
    }
  }

  private void ports() {
    stack
        .containers()
        .forEach(
            (name, container) ->
                container
                    .at("ports")
                    .texts()
                    .forEach(
                        port ->
                            require(
                                port.startsWith("127.0.0.1:"),
                                name + ": port " + port + " is not bound to loopback")));
    for (String service : Stack.SIX) {
      String port = stack.port(service);
      require(
          stack.container(service).at("ports").texts().contains("127.0.0.1:" + port + ":" + port),
          service + ": listens on " + port + ", which is not published");
      require(
          stack.services().get(service).property("server.address").equals("0.0.0.0"),
          service + ": listens where no other container reaches it");
    }
  }

  private void health() {
    Map<String, Tree> containers = stack.containers();
    containers.forEach(
        (name, container) -> {
          require(
              hasHealth(name) || CANNOT_ASK_THEMSELVES.contains(name), name + ": no health check");
          container
              .at("depends_on")
              .entries()
              .forEach(
                  (other, how) -> {
                    require(containers.containsKey(other), name + ": waits for unknown " + other);
                    String wanted = hasHealth(other) ? "service_healthy" : "service_started";
                    require(
                        how.at("condition").text().equals(wanted),
                        name + ": should wait for " + other + " to be " + wanted);
                  });
        });
    for (String service : Stack.SIX) {
      require(
          stack
              .container(service)
              .at("depends_on")
              .entries()
              .keySet()
              .containsAll(Set.of("kafka", "redis", "cassandra")),
          service + ": does not wait for the backends");
    }
  }

  private boolean hasHealth(String name) {
    Dockerfile image = stack.images().get(name);
    return stack.container(name).at("healthcheck", "test").exists()
        || (image != null && !image.last("HEALTHCHECK").isEmpty());
  }

  private void volumes() {
    Set<String> declared = stack.compose().at("volumes").entries().keySet();
    stack
        .containers()
        .forEach(
            (name, container) ->
                container
                    .at("volumes")
                    .texts()
                    .forEach(
                        volume -> {
                          String source = volume.split(":")[0];
                          require(
                              source.startsWith("./")
                                  ? Files.exists(stack.root().resolve(source))
                                  : declared.contains(source),
                              name + ": volume " + source + " does not exist");
                        }));
    for (String service : Stack.SIX) {
      String folder = stack.services().get(service).property("millrace.data");
      require(
          stack.container(service).at("volumes").texts().contains(service + ":" + folder),
          service + ": its data folder '" + folder + "' is no volume of its own");
    }
  }

  private void environment(String service) {
    Map<String, String> read = stack.services().get(service).placeholders();
    Map<String, Tree> given = stack.container(service).at("environment").entries();
    for (String name : given.keySet()) {
      require(
          read.containsKey(name) || READ_ELSEWHERE.contains(name),
          service + ": nothing reads the variable " + name);
    }
    read.forEach(
        (name, fallback) ->
            require(
                given.containsKey(name) || !(fallback.isEmpty() || fallback.contains("127.0.0.1")),
                service
                    + ": variable "
                    + name
                    + " is missing, '"
                    + fallback
                    + "' is of no use here"));
    for (String secret : List.of("MILLRACE_API_KEY", "MILLRACE_PSEUDONYM_KEY")) {
      require(
          given.containsKey(secret) && given.get(secret).text().startsWith("${" + secret + ":?"),
          service + ": " + secret + " has to come from outside");
    }
  }

  private void addresses(String service) {
    for (String key : stack.services().get(service).overruled()) {
      violations.add(
          service
              + ": what it sets for "
              + key
              + " is overruled; an imported file wins over the document that imports it, so the"
              + " rest of application.yaml goes below a line ---");
    }
    MillraceProperties properties;
    try {
      properties = stack.services().get(service).millrace();
    } catch (RuntimeException refused) {
      violations.add(service + ": refuses its configuration: " + refused);
      return;
    }
    require(
        properties.service().equals(service), service + ": calls itself " + properties.service());
    for (String other : Stack.SIX) {
      String address = "http://" + other + ":" + stack.port(other);
      require(
          properties.url(other).equals(URI.create(address)),
          service
              + ": looks for "
              + other
              + " at "
              + properties.url(other)
              + ", it is at "
              + address);
    }
    require(
        stack
            .container("kafka")
            .at("environment", "KAFKA_ADVERTISED_LISTENERS")
            .text()
            .contains("://" + properties.kafka()),
        service + ": Kafka does not advertise " + properties.kafka());
    require(
        properties.redis().equals("redis://redis:6379"),
        service + ": no Redis at " + properties.redis());
    require(
        properties.cassandra().equals("cassandra:9042"),
        service + ": no Cassandra at " + properties.cassandra());
  }
}
