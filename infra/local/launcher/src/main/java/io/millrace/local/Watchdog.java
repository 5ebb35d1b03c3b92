// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A small shell process that ends one process when another one, its owner, has ended. It works when
 * the owner is killed outright, which no shutdown hook survives.
 */
final class Watchdog {
  private final Process process;

  private Watchdog(Process process) {
    this.process = process;
  }

  /** Watches; the watchdog ends by itself once either process has ended. */
  static Watchdog start(ProcessIdentity owner, ProcessIdentity watched) {
    List<String> command = new ArrayList<>(Session.prefix());
    command.addAll(
        List.of(
            "/bin/sh",
            "-c",
            script(),
            "millrace-watchdog",
            Long.toString(owner.pid()),
            owner.started(),
            Long.toString(watched.pid()),
            watched.started()));
    ProcessBuilder.Redirect nowhere = ProcessBuilder.Redirect.to(Path.of("/dev/null").toFile());
    try {
      return new Watchdog(
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(nowhere)
              .redirectError(nowhere)
              .start());
    } catch (IOException e) {
      ProcessHandle.of(watched.pid()).ifPresent(ProcessHandle::destroyForcibly);
      throw new LocalException("cannot start the watchdog of process " + watched.pid(), e);
    }
  }

  /** Stops watching. */
  void release() {
    process.destroyForcibly();
  }

  private static String script() {
    try (InputStream in = Watchdog.class.getResourceAsStream("watchdog.sh")) {
      if (in == null) {
        throw new LocalException("watchdog.sh is missing from the launcher's jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
