// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What processes hold in memory. */
final class Memory {
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private Memory() {}

  /** Resident memory in MiB; empty for no process, or one that cannot be asked. */
  static OptionalLong residentMb(OptionalLong pid) {
    if (pid.isEmpty()) {
      return OptionalLong.empty();
    }
    Optional<Long> kilobytes = fromProc(pid.getAsLong()).or(() -> fromPs(pid.getAsLong()));
    return kilobytes
        .map(value -> OptionalLong.of(Math.round(value / 1024.0)))
        .orElse(OptionalLong.empty());
  }

  private static Optional<Long> fromProc(long pid) {
    try {
      Matcher line =
          RESIDENT.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
      return line.find() ? Optional.of(Long.parseLong(line.group(1))) : Optional.empty();
    } catch (IOException e) {
      // No /proc on this system, or the process has just ended.
      return Optional.empty();
    }
  }

  private static Optional<Long> fromPs(long pid) {
    try {
      Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", Long.toString(pid)).start();
      String answer =
          new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return answer.matches("\\d+") ? Optional.of(Long.parseLong(answer)) : Optional.empty();
    } catch (IOException e) {
      // Without ps there is no figure.
      return Optional.empty();
    }
  }
}
