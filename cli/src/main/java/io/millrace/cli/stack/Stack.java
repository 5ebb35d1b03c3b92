// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.stack;

import io.millrace.local.Backend;
import io.millrace.local.Lifetime;
import io.millrace.local.LocalException;
import io.millrace.local.LocalStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All of Millrace on this machine: Kafka, Redis, Cassandra and the six services, each a process.
 * What {@link #start} starts ends with this JVM, however that ends, until {@link #detach} is
 * called. An instance stands for a folder, so it also finds and stops what an earlier command
 * started there. Safe for use by several threads.
 */
public final class Stack implements AutoCloseable {
  private final StackOptions options;
  private final LocalStack backends;
  private final List<ServiceProcess> services;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  private boolean closed;

  /** A stack; nothing happens yet. */
  public Stack(StackOptions options) {
    this.options = options;
    this.backends =
        LocalStack.in(options.home(), options.folder().backends(), Lifetime.ofThisProcess());
    this.services =
        Arrays.stream(Service.values())
            .filter(options.services()::contains)
            .map(service -> new ServiceProcess(service, options, http))
            .toList();
  }

  /**
   * Starts what does not run yet, the backends first, then the services at once, and waits until
   * all are ready.
   *
   * @throws LocalException naming what failed, with the end of its log; what this call started is
   *     stopped
   */
  public void start(StackListener listener) {
    try (FolderLock lock = FolderLock.take(options.folder().root())) {
      listener.said("data, logs and keys in " + lock.folder());
      boolean nothingRan = backends.backends().stream().allMatch(b -> b.pid().isEmpty());
      List<ServiceProcess> notRunning =
          services.stream().filter(service -> service.pid().isEmpty()).toList();
      synchronized (this) {
        closed = false;
      }
      try {
        startAll(listener);
      } catch (LocalException e) {
        if (nothingRan) {
          stopAll(line -> {});
        } else {
          notRunning.forEach(ServiceProcess::stop);
        }
        throw e;
      }
    }
  }

  private void startAll(StackListener listener) {
    long begin = System.nanoTime();
    requireOpen();
    backends.start(
        options.timeout(),
        backend ->
            listener.said(
                "%-14s ready at %-22s after %5.1f s"
                    .formatted(backend.name(), backend.address(), seconds(begin))));
    Map<String, String> environment = environment();
    List<String> failures =
        inParallel(
            service -> {
              startOne(service, environment);
              service.awaitReady();
              listener.said(
                  "%-14s ready at %-22s after %5.1f s"
                      .formatted(service.service().id(), service.url(), seconds(begin)));
            });
    if (!failures.isEmpty()) {
      throw new LocalException(String.join("\n\n", failures));
    }
  }

  private synchronized void requireOpen() {
    if (closed) {
      throw new LocalException("the stack was stopped while it was starting");
    }
  }

  private synchronized void startOne(ServiceProcess service, Map<String, String> environment) {
    requireOpen();
    service.start(environment, Lifetime.ofThisProcess());
  }

  /** Starts one service again, after {@link ServiceProcess#stop} or {@link ServiceProcess#kill}. */
  public void restart(Service service) {
    restart(service, Map.of());
  }

  /** The same, told more than usual. */
  public void restart(Service service, Map<String, String> more) {
    ServiceProcess process = service(service);
    Map<String, String> environment = environment();
    environment.putAll(more);
    startOne(process, environment);
    process.awaitReady();
  }

  /** Lets everything outlive this JVM. */
  public void detach() {
    services.forEach(ServiceProcess::detach);
    backends.detach();
  }

  /**
   * Stops everything that runs on this folder, services first; the data stays. A start that is
   * under way in another thread fails.
   */
  public void stop(StackListener listener) {
    synchronized (this) {
      closed = true;
    }
    stopAll(listener);
  }

  private void stopAll(StackListener listener) {
    List<String> failures =
        inParallel(
            service -> {
              if (service.pid().isPresent()) {
                service.stop();
                listener.said(service.service().id() + " stopped");
              }
            });
    try {
      boolean running = backends.backends().stream().anyMatch(b -> b.pid().isPresent());
      backends.stop();
      if (running) {
        listener.said("kafka, redis and cassandra stopped");
      }
    } catch (LocalException e) {
      failures.add(String.valueOf(e.getMessage()));
    }
    if (!failures.isEmpty()) {
      throw new LocalException(String.join("\n", failures));
    }
  }

  @Override
  public void close() {
    stop(line -> {});
    http.close();
  }

  /** Stops everything and removes the folder: data, logs and keys. */
  public void purge(StackListener listener) {
    stop(listener);
    Path root = options.folder().root();
    if (!Files.isDirectory(root)) {
      return;
    }
    if (!Files.isDirectory(root.resolve("run")) && !Files.isDirectory(root.resolve("backends"))) {
      throw new LocalException(root + " does not look like a Millrace folder: nothing removed");
    }
    try {
      Files.walkFileTree(root, new Removal());
    } catch (IOException e) {
      throw new LocalException("cannot remove " + root + ": " + e.getMessage(), e);
    }
    listener.said("removed " + root);
  }

  /**
   * One service.
   *
   * @throws IllegalArgumentException where this stack does not have it
   */
  public ServiceProcess service(Service service) {
    return services.stream()
        .filter(process -> process.service() == service)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the stack has no " + service.id()));
  }

  /** All services that it has. */
  public List<ServiceProcess> services() {
    return services;
  }

  /** The backends. */
  public LocalStack backends() {
    return backends;
  }

  /** What a backend's process holds in memory, in MiB. */
  public static OptionalLong residentMb(Backend backend) {
    return Memory.residentMb(backend.pid());
  }

  /** Where it keeps everything. */
  public StackFolder folder() {
    return options.folder();
  }

  /** The key of requests that write; made at the first call. */
  public String apiKey() {
    return StackFolder.keyIn(options.folder().apiKeyFile());
  }

  /** Whether all services have a start-up cache. */
  public boolean hasStartCaches() {
    return services.stream().allMatch(ServiceProcess::hasStartCache);
  }

  /** What the services are told; the backends must have been started once. */
  public Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(options.environment());
    environment.put("MILLRACE_API_KEY", apiKey());
    environment.putIfAbsent("MILLRACE_API_KEYS", options.folder().roleFileMade().toString());
    environment.put(
        "MILLRACE_PSEUDONYM_KEY", StackFolder.keyIn(options.folder().pseudonymKeyFile()));
    environment.put("MILLRACE_KAFKA", backends.kafka().bootstrapServers());
    environment.put("MILLRACE_REDIS", backends.redis().uri());
    environment.put("MILLRACE_CASSANDRA", backends.cassandra().address());
    environment.put("MILLRACE_DATA", options.folder().services().toString());
    for (Service service : Service.values()) {
      // One that this stack does not have is expected where it would be.
      environment.put(
          service.urlVariable(), new ServiceProcess(service, options, http).url().toString());
    }
    return environment;
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  private List<String> inParallel(Consumer<ServiceProcess> action) {
    List<String> failures = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> tasks = new ArrayList<>();
      for (ServiceProcess service : services) {
        tasks.add(executor.submit(() -> action.accept(service)));
      }
      for (Future<?> task : tasks) {
        try {
          task.get();
        } catch (ExecutionException e) {
          Throwable cause = e.getCause() == null ? e : e.getCause();
          failures.add(
              cause instanceof LocalException
                  ? String.valueOf(cause.getMessage())
                  : cause.toString());
        } catch (InterruptedException e) {
          executor.shutdownNow();
          Thread.currentThread().interrupt();
          failures.add("interrupted");
          return failures;
        }
      }
    }
    return failures;
  }

  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
        throws IOException {
      if (e != null) {
        throw e;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }

  /** Keeps a second start away from the folder while one is under way. */
  private record FolderLock(Path folder, FileChannel channel, FileLock lock)
      implements AutoCloseable {
    static FolderLock take(Path folder) {
      try {
        Files.createDirectories(folder.resolve("run"));
        FileChannel channel =
            FileChannel.open(
                folder.resolve("run/lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel);
        if (lock == null) {
          channel.close();
          throw new LocalException(
              String.format(Locale.ROOT, "another start is under way in %s", folder));
        }
        return new FolderLock(folder, channel, lock);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
      try {
        return channel.tryLock();
      } catch (OverlappingFileLockException e) {
        // Taken by this JVM.
        return null;
      }
    }

    @Override
    public void close() {
      try {
        lock.release();
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
