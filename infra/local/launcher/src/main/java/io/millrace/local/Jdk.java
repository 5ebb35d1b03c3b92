// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Java installation.
 *
 * @param home its folder
 * @param feature its feature version, 25 for "25.0.1"
 */
public record Jdk(Path home, int feature) {
  /** The lowest feature version that runs Millrace. */
  public static final int FEATURE_MIN = 25;

  private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(?:1\\.)?(\\d+)[^\"]*\"");

  /** Its {@code java} program. */
  public Path java() {
    return home.resolve("bin/java");
  }

  /**
   * Finds a Java of at least version 25: the one running this code, {@code JAVA_HOME}, the places
   * where systems keep theirs, then {@code PATH}.
   *
   * @throws LocalException where none is, naming the places searched and what was found in them
   */
  public static Jdk find25() {
    Map<String, String> environment = System.getenv();
    List<Path> first = new ArrayList<>();
    first.add(Path.of(System.getProperty("java.home")));
    Optional.ofNullable(environment.get("JAVA_HOME"))
        .filter(home -> !home.isBlank())
        .ifPresent(home -> first.add(Path.of(home)));
    Path user = Path.of(System.getProperty("user.home"));
    List<Path> folders =
        List.of(
            Path.of("/usr/lib/jvm"),
            Path.of("/usr/java"),
            Path.of("/opt"),
            Path.of("/opt/java"),
            Path.of("/usr/local/lib/jvm"),
            user.resolve(".sdkman/candidates/java"),
            user.resolve(".jdks"),
            user.resolve(".local/share/mise/installs/java"),
            user.resolve(".asdf/installs/java"),
            Path.of("/Library/Java/JavaVirtualMachines"));
    List<Path> last = Session.onPath("java").map(Jdk::homeOfProgram).stream().toList();
    return find(first, folders, last);
  }

  /** As {@link #find25()}, in the places given, in this order; of a folder the lowest that fits. */
  static Jdk find(List<Path> first, List<Path> folders, List<Path> last) {
    List<Path> homes = new ArrayList<>(first);
    folders.forEach(folder -> homes.addAll(homesIn(folder)));
    homes.addAll(last);
    List<Jdk> found = homes.stream().map(Jdk::at).flatMap(Optional::stream).distinct().toList();
    return found.stream()
        .filter(jdk -> jdk.feature() >= FEATURE_MIN)
        .findFirst()
        .orElseThrow(
            () ->
                new LocalException(
                    "no Java of version %d or later: install a JDK %d or set JAVA_HOME to one; found %s"
                        .formatted(
                            FEATURE_MIN,
                            FEATURE_MIN,
                            found.isEmpty() ? "no Java at all" : found.toString())));
  }

  /** The installation in a folder; empty where there is no Java or its version is not stated. */
  static Optional<Jdk> at(Path home) {
    Path release = home.resolve("release");
    if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isReadable(release)) {
      return Optional.empty();
    }
    try {
      Matcher version = VERSION.matcher(Files.readString(release));
      return version.find()
          ? Optional.of(new Jdk(home, Integer.parseInt(version.group(1))))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> homesIn(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .map(e -> Files.isDirectory(e.resolve("Contents/Home")) ? e.resolve("Contents/Home") : e)
          .map(Jdk::at)
          .flatMap(Optional::stream)
          .sorted(Comparator.comparingInt(Jdk::feature).thenComparing(jdk -> jdk.home().toString()))
          .map(Jdk::home)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder two above the program behind all links. */
  private static Path homeOfProgram(Path program) {
    try {
      return program.toRealPath().resolve("../..").normalize();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
