// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A process in a session of its own, so that Ctrl-C in the terminal does not reach it, known by a
 * pid file that also holds its start, so that a later process of the same number is never stopped
 * in its place. Safe for use by several threads.
 */
public final class ManagedProcess {
  private static final long TAIL_BYTES_MAX = 16_384;

  private final String name;
  private final ProcessIdentity identity;
  private final Path pidFile;
  private final @Nullable Watchdog watchdog;

  private ManagedProcess(
      String name, ProcessIdentity identity, Path pidFile, @Nullable Watchdog watchdog) {
    this.name = name;
    this.identity = identity;
    this.pidFile = pidFile;
    this.watchdog = watchdog;
  }

  /** Starts the process; it ends with the owner that {@code lifetime} names. */
  public static ManagedProcess start(ProcessSpec spec, Lifetime lifetime) {
    String program = spec.command().getFirst();
    // Asked here, because whoever starts the session reports it nowhere.
    if (program.contains("/")
        ? !Files.isExecutable(Path.of(program))
        : Session.onPath(program).isEmpty()) {
      throw new LocalException("cannot start " + spec.name() + ": no program " + program);
    }
    try {
      Files.createDirectories(spec.directory());
      Files.createDirectories(spec.logFile().toAbsolutePath().getParent());
      Files.createDirectories(spec.pidFile().toAbsolutePath().getParent());
      List<String> command = new ArrayList<>(Session.prefix());
      command.addAll(spec.command());
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(spec.directory().toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.logFile().toFile()));
      builder.environment().putAll(spec.environment());
      Process process = builder.start();
      ProcessIdentity identity =
          ProcessIdentity.of(process.pid())
              .orElseThrow(
                  () ->
                      new LocalException(
                          spec.name() + " ended at once\n" + tail(spec.logFile(), 20)));
      Watchdog watchdog =
          lifetime.owner().map(owner -> Watchdog.start(owner, identity)).orElse(null);
      Files.writeString(spec.pidFile(), identity.encoded());
      return new ManagedProcess(spec.name(), identity, spec.pidFile(), watchdog);
    } catch (IOException e) {
      throw new LocalException("cannot start " + spec.name() + ": " + e.getMessage(), e);
    }
  }

  /** The process that the pid file names, if that very process still runs. */
  public static Optional<ManagedProcess> find(String name, Path pidFile) {
    try {
      return ProcessIdentity.decode(Files.readString(pidFile))
          .filter(ProcessIdentity::isAlive)
          .map(identity -> new ManagedProcess(name, identity, pidFile, null));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The process number. */
  public long pid() {
    return identity.pid();
  }

  /** Number and start. */
  public ProcessIdentity identity() {
    return identity;
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return identity.isAlive();
  }

  /** Lets the process outlive its owner. */
  public void detach() {
    if (watchdog != null) {
      watchdog.release();
    }
  }

  /**
   * Asks the process to end, waits, and kills it after {@code grace}.
   *
   * @return whether it ended by itself in that time
   */
  public boolean stop(Duration grace) {
    boolean graceful = signal(grace, false) || signal(Duration.ofSeconds(10), true);
    boolean ended = !identity.isAlive();
    if (!ended) {
      throw new LocalException(name + " (process " + pid() + ") survived being killed");
    }
    forget();
    return graceful;
  }

  /** Ends the process without asking, as a crash would. */
  public void kill() {
    signal(Duration.ofSeconds(10), true);
    forget();
  }

  private void forget() {
    if (watchdog != null) {
      watchdog.release();
    }
    try {
      Files.deleteIfExists(pidFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean signal(Duration wait, boolean forcibly) {
    Optional<ProcessHandle> handle = ProcessHandle.of(pid()).filter(h -> identity.isAlive());
    if (handle.isEmpty()) {
      return true;
    }
    if (forcibly) {
      handle.get().destroyForcibly();
    } else {
      handle.get().destroy();
    }
    return awaitEnd(wait) && !forcibly;
  }

  // Not ProcessHandle.onExit: it takes a zombie that nobody reaps for a running process.
  private boolean awaitEnd(Duration wait) {
    long deadline = System.nanoTime() + wait.toNanos();
    while (identity.isAlive()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LocalException("interrupted while " + name + " was stopping", e);
      }
    }
    return true;
  }

  /** The last lines of a log file, at most 16 KiB; empty where there is no file. */
  public static String tail(Path logFile, int lines) {
    if (!Files.isReadable(logFile)) {
      return "";
    }
    try (RandomAccessFile file = new RandomAccessFile(logFile.toFile(), "r")) {
      long start = Math.max(0, file.length() - TAIL_BYTES_MAX);
      byte[] bytes = new byte[(int) (file.length() - start)];
      file.seek(start);
      file.readFully(bytes);
      List<String> all = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    } catch (IOException e) {
      return "(cannot read " + logFile + ": " + e.getMessage() + ")";
    }
  }
}
