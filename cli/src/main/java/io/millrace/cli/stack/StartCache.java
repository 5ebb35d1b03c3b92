// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.stack;

import io.millrace.local.Jdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A service's ahead-of-time cache (JEP 483, 514): loaded and linked classes of an earlier start,
 * which takes more than half of the processor time out of the next. It belongs to one class path,
 * by name, size and time of each file, and to one Java; for any other there is none.
 */
final class StartCache {
  private final Path file;

  private StartCache(Path file) {
    this.file = file;
  }

  static StartCache of(Path root, Service service, Jdk jdk, List<Path> classPath) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(Files.readAllBytes(jdk.home().resolve("release")));
      for (Path entry : classPath) {
        String line =
            entry + " " + Files.size(entry) + " " + Files.getLastModifiedTime(entry).toMillis();
        digest.update(line.getBytes(StandardCharsets.UTF_8));
      }
      String key = HexFormat.of().formatHex(digest.digest(), 0, 8);
      return new StartCache(folder(root).resolve(service.id() + "-" + key + ".aot"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path folder(Path root) {
    return root.resolve("target/start-caches");
  }

  boolean exists() {
    return Files.isReadable(file);
  }

  /** Options with which a JVM uses it; none where there is none. Java ignores one that misfits. */
  List<String> useOptions() {
    return exists() ? List.of("-XX:AOTCache=" + file, "-Xlog:aot=off", "-Xlog:cds=off") : List.of();
  }

  /** Options with which a JVM writes it when it ends; older ones of the service go. */
  List<String> makeOptions(Path root, Service service) {
    try {
      Files.createDirectories(folder(root));
      try (Stream<Path> entries = Files.list(folder(root))) {
        for (Path old :
            entries
                .filter(entry -> entry.getFileName().toString().startsWith(service.id() + "-"))
                .toList()) {
          Files.deleteIfExists(old);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.of("-XX:AOTCacheOutput=" + file, "-Xlog:aot=off", "-Xlog:cds=off");
  }
}
