// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * A real Redis, from the binary that the Maven artifact embedded-redis carries, else the system's
 * {@code redis-server}. It appends every write to a file and flushes that each second.
 */
public final class LocalRedis extends ProcessBackend {
  private static final String MODULE = "infra/local/redis";

  private final MillraceHome home;

  /** A Redis on that data directory. */
  public LocalRedis(MillraceHome home, BackendOptions options) {
    super("redis", options);
    this.home = home;
  }

  /** The address as a URI of Redis clients. */
  public String uri() {
    return "redis://" + address();
  }

  @Override
  List<String> prepare(int port) throws IOException {
    Path configuration =
        write(
            "redis.conf",
            """
            bind 127.0.0.1
            port %d
            protected-mode yes
            daemonize no
            dir %s
            save ""
            appendonly yes
            appendfsync everysec
            aof-use-rdb-preamble yes
            maxmemory %dmb
            maxmemory-policy noeviction
            loglevel notice
            """
                .formatted(port, quoted(directory()), options.heapMb()));
    return List.of(binary().toString(), configuration.toString());
  }

  @Override
  boolean answers(DataOutputStream out, DataInputStream in) throws IOException {
    out.write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
    out.flush();
    // While it still loads its file it answers with an error that starts with a minus.
    return in.readByte() == '+';
  }

  private Path binary() throws IOException {
    Optional<Path> carried = extracted();
    if (carried.isPresent() && runs(carried.get())) {
      return carried.get();
    }
    return Session.onPath("redis-server")
        .orElseThrow(
            () ->
                new LocalException(
                    "the Redis that Maven brings does not run on this system"
                        + " and no redis-server is on the PATH: install Redis 6.2 or later"));
  }

  private Optional<Path> extracted() throws IOException {
    Path jar =
        home.classPath(MODULE).stream()
            .filter(entry -> entry.getFileName().toString().startsWith("embedded-redis"))
            .findFirst()
            .orElseThrow(() -> new LocalException("embedded-redis is not a part of " + MODULE));
    try (JarFile file = new JarFile(jar.toFile())) {
      Optional<JarEntry> entry =
          file.stream()
              .filter(e -> e.getName().startsWith("redis-server-"))
              .filter(e -> e.getName().endsWith(platform()))
              .findFirst();
      if (entry.isEmpty()) {
        return Optional.empty();
      }
      Path binary = directory().resolve("bin").resolve(entry.get().getName());
      if (!Files.isExecutable(binary) || Files.size(binary) != entry.get().getSize()) {
        Files.createDirectories(binary.getParent());
        Path part = binary.resolveSibling(binary.getFileName() + ".part");
        try (InputStream in = file.getInputStream(entry.get())) {
          Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
        }
        copyByChild(part, binary);
        Files.delete(part);
        if (!binary.toFile().setExecutable(true)) {
          throw new LocalException("cannot make " + binary + " executable");
        }
      }
      return Optional.of(binary);
    }
  }

  /**
   * Copies in a child process. Had this process the file open for writing, a child that another
   * thread starts at that moment would inherit it, and Linux runs no file that somebody may write
   * ("text file busy").
   */
  private static void copyByChild(Path from, Path to) throws IOException {
    Process copy = new ProcessBuilder("cp", from.toString(), to.toString()).inheritIO().start();
    try {
      if (!copy.waitFor(10, TimeUnit.SECONDS)) {
        copy.destroyForcibly();
        throw new LocalException("copying " + from + " took longer than 10 s");
      }
    } catch (InterruptedException e) {
      copy.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new LocalException("interrupted while copying Redis", e);
    }
    if (copy.exitValue() != 0) {
      throw new LocalException("cannot copy " + from + " to " + to);
    }
  }

  private static String platform() {
    String system =
        System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
    String machine = System.getProperty("os.arch");
    return system + (machine.equals("aarch64") ? "-arm64" : "-amd64");
  }

  private static boolean runs(Path binary) {
    try {
      Process version =
          new ProcessBuilder(binary.toString(), "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!version.waitFor(10, TimeUnit.SECONDS)) {
        version.destroyForcibly();
        return false;
      }
      return version.exitValue() == 0;
    } catch (IOException e) {
      // Built for another system or C library: the system's own Redis is next.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalException("interrupted while trying Redis", e);
    }
  }

  private static String quoted(Path path) {
    return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
