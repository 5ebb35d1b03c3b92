// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds a Java 17, which Spark 3.5 needs and nothing of ours. */
final class Java17 {
  /** The variable that names one. */
  static final String VARIABLE = "MILLRACE_JAVA_17";

  private static final Path USUAL = Path.of("/usr/lib/jvm");

  private Java17() {}

  /** The program {@code java} of the first that is one: the variable's, then the usual place's. */
  static Optional<Path> find() {
    return find(System.getenv(VARIABLE), USUAL);
  }

  /**
   * The same elsewhere.
   *
   * @param named a JDK's folder; null for none
   * @param usual a folder of JDKs
   */
  static Optional<Path> find(@Nullable String named, Path usual) {
    Stream<Path> homes = Stream.ofNullable(named).map(Path::of);
    return Stream.concat(homes, in(usual)).filter(Java17::is17).map(Java17::program).findFirst();
  }

  private static Stream<Path> in(Path folder) {
    String[] names = folder.toFile().list((_, name) -> name.contains("17"));
    // Null where there is no such folder.
    return names == null ? Stream.of() : Arrays.stream(names).sorted().map(folder::resolve);
  }

  private static Path program(Path home) {
    return home.resolve("bin/java");
  }

  private static boolean is17(Path home) {
    try {
      return Files.isExecutable(program(home))
          && Files.readAllLines(home.resolve("release")).stream()
              .anyMatch(line -> line.startsWith("JAVA_VERSION=\"17"));
    } catch (IOException e) {
      // No release file: no JDK.
      return false;
    }
  }
}
