// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How to start a program in a session of its own with what the system has. */
final class Session {
  private static final String PERL_SETSID = "use POSIX; POSIX::setsid(); exec @ARGV or die";

  private Session() {}

  /** What to write before a command; each of them keeps the process number. */
  static List<String> prefix() {
    return onPath("setsid")
        .map(program -> List.of(program.toString()))
        .or(() -> onPath("perl").map(p -> List.of(p.toString(), "-e", PERL_SETSID)))
        .orElseGet(List::of);
  }

  static Optional<Path> onPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
