// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The checked-out source tree with its build output.
 *
 * @param root its top folder
 */
public record MillraceHome(Path root) {
  /** Where the class path of a module stands in that module, once it is built. */
  private static final String CLASS_PATH_FILE = "target/runtime.classpath";

  /**
   * The tree named by the property {@code millrace.home} or the variable {@code MILLRACE_HOME},
   * else the one around the working directory.
   */
  public static MillraceHome find() {
    Optional<Path> named =
        Optional.ofNullable(System.getProperty("millrace.home"))
            .or(() -> Optional.ofNullable(System.getenv("MILLRACE_HOME")))
            .map(Path::of);
    return Stream.concat(
            named.stream(),
            Stream.iterate(Path.of("").toAbsolutePath(), p -> p != null, Path::getParent))
        .filter(folder -> Files.isRegularFile(folder.resolve("infra/local/kafka/pom.xml")))
        .findFirst()
        .map(folder -> new MillraceHome(folder.toAbsolutePath().normalize()))
        .orElseThrow(
            () ->
                new LocalException(
                    "no Millrace source tree here: set MILLRACE_HOME to its top folder"));
  }

  /** A module's runtime class path, without the module itself. */
  public List<Path> classPath(String module) {
    Path file = root.resolve(module).resolve(CLASS_PATH_FILE);
    if (!Files.isReadable(file)) {
      throw new LocalException(
          module + " is not built: run `mvn -q -DskipTests package` in " + root);
    }
    try {
      List<Path> entries =
          Stream.of(Files.readString(file).strip().split(File.pathSeparator))
              .map(Path::of)
              .toList();
      entries.stream()
          .filter(entry -> !Files.exists(entry))
          .findFirst()
          .ifPresent(
              missing -> {
                throw new LocalException(
                    "%s, which %s needs, is gone: run `mvn -q -DskipTests package` in %s"
                        .formatted(missing, module, root));
              });
      return entries;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
