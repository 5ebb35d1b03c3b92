// SPDX-License-Identifier: Apache-2.0
package io.millrace.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The container stack of one checkout.
 *
 * @param root where the stack's files lie, as in the repository
 * @param code the repository itself, for what the services' code holds
 * @param compose {@code docker-compose.yml}
 * @param images the Dockerfile of each of the six services
 * @param services what each of the six services makes of its container's environment
 */
record Stack(
    Path root,
    Path code,
    Tree compose,
    Map<String, Dockerfile> images,
    Map<String, ServiceConfiguration> services) {
  static final List<String> SIX =
      List.of("ingest", "feature-store", "validator", "trainer", "inference", "monitor");

  private static final Pattern SECRET = Pattern.compile("\\$\\{[A-Z_]+:\\?[^}]*}");

  static Stack read(Path root, Path code) throws IOException {
    Tree compose = Tree.read(root.resolve("docker-compose.yml"));
    var images = new LinkedHashMap<String, Dockerfile>();
    var services = new LinkedHashMap<String, ServiceConfiguration>();
    for (String name : SIX) {
      Path folder = root.resolve("services").resolve(name);
      Dockerfile image = Dockerfile.read(folder.resolve("Dockerfile"));
      images.put(name, image);
      var variables = new LinkedHashMap<>(image.environment());
      compose
          .at("services", name, "environment")
          .entries()
          .forEach(
              (key, value) ->
                  variables.put(
                      key,
                      SECRET.matcher(value.text()).replaceAll("a-secret-of-32-characters-for-x")));
      services.put(
          name,
          new ServiceConfiguration(
              folder.resolve("src/main/resources/application.yaml"), variables));
    }
    return new Stack(root, code, compose, images, services);
  }

  /** The part of the compose file on one container. */
  Tree container(String name) {
    return compose.at("services", name);
  }

  Map<String, Tree> containers() {
    return compose.at("services").entries();
  }

  /** The port that the service listens on, by its own reading of its configuration. */
  String port(String service) {
    return services.get(service).property("server.port");
  }
}
