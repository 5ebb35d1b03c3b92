// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What the three servers have in common: data directory, process, port, waiting until ready. */
abstract sealed class ProcessBackend implements Backend
    permits LocalKafka, LocalRedis, LocalCassandra {
  private static final Duration STOP_GRACE = Duration.ofSeconds(30);
  private static final int PROBE_TIMEOUT_MS = 2_000;
  private static final int LOG_LINES = 30;
  private static final long LOG_BYTES_MAX = 64L * 1024 * 1024;

  private final String name;
  final BackendOptions options;
  private @Nullable ManagedProcess started;

  ProcessBackend(String name, BackendOptions options) {
    this.name = name;
    this.options = options;
  }

  /** Writes the configuration and says which command serves on that port. */
  abstract List<String> prepare(int port) throws IOException;

  /** Asks the server something in its own protocol; false or an exception means not yet. */
  abstract boolean answers(DataOutputStream out, DataInputStream in) throws IOException;

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final synchronized void start() {
    if (running().isPresent()) {
      return;
    }
    try {
      Files.createDirectories(directory());
      if (Files.exists(logFile()) && Files.size(logFile()) > LOG_BYTES_MAX) {
        Files.delete(logFile());
      }
      List<String> command = prepare(Ports.choose(options.port(), portFile()));
      started =
          ManagedProcess.start(
              new ProcessSpec(name, command, Map.of(), directory(), logFile(), pidFile()),
              options.lifetime());
    } catch (IOException e) {
      throw new LocalException("cannot prepare " + name + " in " + directory(), e);
    }
  }

  @Override
  public final void awaitReady(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!isReady()) {
      if (running().isEmpty()) {
        throw failure(name + " ended while it was starting");
      }
      if (System.nanoTime() > deadline) {
        throw failure(name + " did not answer on " + address() + " within " + timeout);
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LocalException("interrupted while " + name + " was starting", e);
      }
    }
  }

  private LocalException failure(String what) {
    return new LocalException(
        "%s; the end of %s:%n%s"
            .formatted(what, logFile(), ManagedProcess.tail(logFile(), LOG_LINES)));
  }

  private boolean isReady() {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), PROBE_TIMEOUT_MS);
      socket.setSoTimeout(PROBE_TIMEOUT_MS);
      return answers(
          new DataOutputStream(socket.getOutputStream()),
          new DataInputStream(socket.getInputStream()));
    } catch (IOException e) {
      // Not listening, or not serving yet: the caller asks again until its deadline.
      return false;
    }
  }

  @Override
  public final void stop() {
    running().ifPresent(process -> process.stop(STOP_GRACE));
  }

  @Override
  public final void kill() {
    running().ifPresent(ManagedProcess::kill);
  }

  @Override
  public final void detach() {
    running().ifPresent(ManagedProcess::detach);
  }

  @Override
  public final String address() {
    return "127.0.0.1:" + port();
  }

  @Override
  public final OptionalLong pid() {
    return running().map(process -> OptionalLong.of(process.pid())).orElse(OptionalLong.empty());
  }

  @Override
  public final Path logFile() {
    return directory().resolve(name + ".log");
  }

  final Path directory() {
    return options.dataDirectory();
  }

  final Path write(String file, String content) {
    try {
      return Files.writeString(directory().resolve(file), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int port() {
    int remembered = Ports.remembered(portFile());
    if (remembered == 0) {
      throw new LocalException(name + " has no address before it is started for the first time");
    }
    return remembered;
  }

  private synchronized Optional<ManagedProcess> running() {
    if (started != null && started.isAlive()) {
      return Optional.of(started);
    }
    return ManagedProcess.find(name, pidFile());
  }

  private Path pidFile() {
    return directory().resolve(name + ".pid");
  }

  private Path portFile() {
    return directory().resolve(name + ".port");
  }
}
