// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which chunks of a build are done, so that a build whose process was killed goes on from there.
 * What the scratch files hold is only trusted while the machine has not been started anew: before
 * that nobody waits for the disk. Thread-safe.
 */
final class Checkpoint implements AutoCloseable {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path file;
  private final FileChannel out;
  private final Set<String> done = ConcurrentHashMap.newKeySet();

  private Checkpoint(Path file, List<String> lines) throws IOException {
    this.file = file;
    done.addAll(lines);
    out =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  /**
   * Opens the checkpoint of a folder.
   *
   * @param identity of the build; where the scratch files are of another, or of another run of the
   *     machine, they are removed
   */
  static Checkpoint open(Path folder, String identity) throws IOException {
    Path file = folder.resolve("done.scratch");
    String first = identity + ' ' + boot();
    if (Files.exists(file)) {
      String text = Files.readString(file);
      // A last line without its end was being written.
      List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
      if (!lines.isEmpty() && lines.getFirst().equals(first) && !boot().isEmpty()) {
        return new Checkpoint(file, lines);
      }
    }
    try (var scratch = Files.newDirectoryStream(folder, "*.scratch*")) {
      for (Path each : scratch) {
        Files.delete(each);
      }
    }
    Checkpoint fresh = new Checkpoint(file, List.of());
    fresh.add(first);
    return fresh;
  }

  private static String boot() throws IOException {
    return Files.isReadable(BOOT) ? Files.readString(BOOT).strip() : "";
  }

  boolean has(String chunk) {
    return done.contains(chunk);
  }

  void add(String chunk) {
    ByteBuffer line = ByteBuffer.wrap((chunk + '\n').getBytes(StandardCharsets.UTF_8));
    try {
      synchronized (out) {
        while (line.hasRemaining()) {
          out.write(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    done.add(chunk);
  }

  /** Removes the file; the build is complete. */
  void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
