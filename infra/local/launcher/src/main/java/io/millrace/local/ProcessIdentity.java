// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process, told apart from a later one to which the system gave the same number.
 *
 * @param pid the process number
 * @param started when it started, as the system writes it: clock ticks since boot where there is a
 *     {@code /proc}, else epoch milliseconds
 */
public record ProcessIdentity(long pid, String started) {
  private static final Path PROC = Path.of("/proc");

  /** The running process of that number, if there is one; a zombie does not run. */
  public static Optional<ProcessIdentity> of(long pid) {
    if (!Files.isReadable(PROC.resolve("self/stat"))) {
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .map(
              handle ->
                  new ProcessIdentity(
                      pid,
                      handle
                          .info()
                          .startInstant()
                          .map(instant -> Long.toString(instant.toEpochMilli()))
                          .orElse("unknown")));
    }
    String stat;
    try {
      stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      // A process that ends while its entry is read answers ESRCH.
      return Optional.empty();
    }
    // The command's name stands in parentheses and may itself hold spaces and parentheses.
    String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    boolean ended = afterName[0].equals("Z") || afterName[0].equals("X");
    return ended ? Optional.empty() : Optional.of(new ProcessIdentity(pid, afterName[19]));
  }

  /** The process that runs this code. */
  public static ProcessIdentity current() {
    long pid = ProcessHandle.current().pid();
    return of(pid).orElseThrow(() -> new LocalException("cannot read the own process " + pid));
  }

  /** Whether this very process still runs. */
  public boolean isAlive() {
    return of(pid).filter(this::equals).isPresent();
  }

  /** The form of a pid file: number, space, start. */
  String encoded() {
    return pid + " " + started;
  }

  /** Reads {@link #encoded()}; empty for anything else. */
  static Optional<ProcessIdentity> decode(String text) {
    String[] parts = text.strip().split(" ");
    if (parts.length != 2 || !parts[0].matches("[0-9]{1,18}")) {
      return Optional.empty();
    }
    return Optional.of(new ProcessIdentity(Long.parseLong(parts[0]), parts[1]));
  }
}
