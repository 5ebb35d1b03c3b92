// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.stack;

import io.millrace.local.Jdk;
import io.millrace.local.Lifetime;
import io.millrace.local.LocalException;
import io.millrace.local.ManagedProcess;
import io.millrace.local.Ports;
import io.millrace.local.ProcessSpec;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One service as a process: started, asked whether it is ready, stopped, killed. Also finds, by its
 * pid file, one that an earlier command started. Safe for use by several threads.
 */
public final class ServiceProcess {
  private static final Duration PORT_RELEASE = Duration.ofSeconds(5);
  private static final Duration PORT_LOOK = Duration.ofMillis(50);
  private static final Duration STOP_GRACE = Duration.ofSeconds(30);
  private static final Duration CACHE_GRACE = Duration.ofSeconds(180);
  private static final int LOG_LINES = 30;

  /** By how much the port of gRPC lies above that of HTTP. */
  private static final int GRPC_ABOVE = 1000;

  private final Service service;
  private final StackOptions options;
  private final HttpClient http;
  private @Nullable ManagedProcess started;
  private long startedNanos;
  private int grpcPort;

  ServiceProcess(Service service, StackOptions options, HttpClient http) {
    this.service = service;
    this.options = options;
    this.http = http;
  }

  /** Which service it is. */
  public Service service() {
    return service;
  }

  /** Its base URL. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /** The port of its gRPC service; 0 where it has none or was started by another process. */
  public synchronized int grpcPort() {
    return grpcPort;
  }

  /** Its log. */
  public Path logFile() {
    return options.folder().log(service);
  }

  /** The number of its process, while it runs. */
  public OptionalLong pid() {
    return running().map(process -> OptionalLong.of(process.pid())).orElse(OptionalLong.empty());
  }

  /** How long the last start took until it was ready, in seconds. */
  public Optional<Double> startSeconds() {
    return options.folder().startSeconds(service);
  }

  /** What its process holds in memory, in MiB; empty where it does not run or cannot be asked. */
  public OptionalLong residentMb() {
    return Memory.residentMb(pid());
  }

  /** Whether it says that it is ready to serve. */
  public boolean isReady() {
    HttpRequest request =
        HttpRequest.newBuilder(url().resolve("/actuator/health/readiness"))
            .timeout(Duration.ofSeconds(3))
            .build();
    try {
      return running().isPresent()
          && http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      // Nobody listens yet, or not any more.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalException("interrupted while asking " + service.id(), e);
    }
  }

  /** Starts the process; with {@code environment} beyond that of this process. */
  synchronized void start(Map<String, String> environment, Lifetime lifetime) {
    if (running().isPresent()) {
      return;
    }
    requireFreePort();
    Jdk jdk = Jdk.find25();
    List<Path> classPath = classPath();
    StartCache cache = StartCache.of(options.home().root(), service, jdk, classPath);
    List<String> command = new ArrayList<>();
    command.add(jdk.java().toString());
    command.addAll(
        List.of(
            "-Xms64m",
            "-Xmx" + service.heapMb() + "m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(service.compilationOptions());
    command.addAll(
        switch (options.startCaches()) {
          case USE -> cache.useOptions();
          case MAKE -> cache.makeOptions(options.home().root(), service);
        });
    command.addAll(furtherJavaOptions());
    command.addAll(
        List.of(
            "-cp",
            classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
            service.mainClass()));
    Map<String, String> all = new HashMap<>(environment);
    all.put("SERVER_PORT", Integer.toString(port()));
    if (service == Service.FEATURE_STORE) {
      grpcPort = options.portBase() == 0 ? Ports.free() : port() + GRPC_ABOVE;
      all.put("GRPC_PORT", Integer.toString(grpcPort));
    }
    // Glibc keeps an arena for each thread otherwise, which is most of a small JVM's memory.
    all.putIfAbsent("MALLOC_ARENA_MAX", "2");
    all.putIfAbsent("OMP_NUM_THREADS", "1");
    options.folder().forgetStartSeconds(service);
    startedNanos = System.nanoTime();
    started =
        ManagedProcess.start(
            new ProcessSpec(
                service.id(),
                command,
                all,
                options.folder().services(),
                logFile(),
                options.folder().pid(service)),
            lifetime);
  }

  /** Waits until it is ready. */
  void awaitReady() {
    long deadline = System.nanoTime() + options.timeout().toNanos();
    while (!isReady()) {
      if (running().isEmpty()) {
        throw failure(service.id() + " ended while it was starting");
      }
      if (System.nanoTime() > deadline) {
        throw failure(service.id() + " was not ready at " + url() + " within " + options.timeout());
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LocalException("interrupted while " + service.id() + " was starting", e);
      }
    }
    if (startSeconds().isEmpty()) {
      options
          .folder()
          .rememberStartSeconds(
              service, Math.round((System.nanoTime() - startedNanos) / 1e8) / 10.0);
    }
  }

  private LocalException failure(String what) {
    return new LocalException(
        "%s; the end of %s:%n%s"
            .formatted(what, logFile(), ManagedProcess.tail(logFile(), LOG_LINES)));
  }

  /** Stops it, gently first. Does nothing where it does not run. */
  public void stop() {
    running()
        .ifPresent(
            process ->
                process.stop(
                    options.startCaches() == StackOptions.StartCaches.MAKE
                        ? CACHE_GRACE
                        : STOP_GRACE));
  }

  /** Ends it as a crash would. */
  public void kill() {
    running().ifPresent(ManagedProcess::kill);
  }

  void detach() {
    running().ifPresent(ManagedProcess::detach);
  }

  boolean hasStartCache() {
    return StartCache.of(options.home().root(), service, Jdk.find25(), classPath()).exists();
  }

  private List<Path> classPath() {
    List<Path> classPath = new ArrayList<>();
    classPath.add(jar());
    classPath.addAll(options.home().classPath(service.module()));
    return classPath;
  }

  private Path jar() {
    Path target = options.home().root().resolve(service.module()).resolve("target");
    try (Stream<Path> entries = Files.list(target)) {
      return entries
          .filter(
              entry ->
                  entry
                      .getFileName()
                      .toString()
                      .matches("millrace-" + service.id() + "-[0-9].*\\.jar"))
          .filter(entry -> !entry.toString().endsWith("-sources.jar"))
          .findFirst()
          .orElseThrow(() -> notBuilt());
    } catch (NoSuchFileException e) {
      throw notBuilt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LocalException notBuilt() {
    return new LocalException(
        service.id()
            + " is not built: run `mvn -q -DskipTests package` in "
            + options.home().root());
  }

  private List<String> furtherJavaOptions() {
    String further = System.getenv().getOrDefault(service.javaOptionsVariable(), "").strip();
    return further.isEmpty() ? List.of() : List.of(further.split("\\s+"));
  }

  private synchronized int port() {
    StackFolder folder = options.folder();
    int wanted =
        options.portBase() == 0
            ? folder.port(service).orElseGet(Ports::free)
            : options.portBase() + service.ordinal();
    // One that runs keeps the port that it was started with.
    if (running().isPresent()) {
      return folder.port(service).orElse(wanted);
    }
    if (folder.port(service).filter(known -> known == wanted).isEmpty()) {
      folder.rememberPort(service, wanted);
    }
    return wanted;
  }

  /** After a crash the system may hold the port until the last thread of the process is gone. */
  private void requireFreePort() {
    long deadline = System.nanoTime() + PORT_RELEASE.toNanos();
    while (true) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), 1);
        return;
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw new LocalException(
              "port %d, which %s needs, is taken: end what listens there, or choose others with --port-base"
                  .formatted(port(), service.id()),
              e);
        }
        LockSupport.parkNanos(PORT_LOOK.toNanos());
      }
    }
  }

  private synchronized Optional<ManagedProcess> running() {
    if (started != null && started.isAlive()) {
      return Optional.of(started);
    }
    return ManagedProcess.find(service.id(), options.folder().pid(service));
  }
}
