// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Kafka, Redis and Cassandra together. Safe for use by several threads. */
public final class LocalStack implements AutoCloseable {
  private final LocalKafka kafka;
  private final LocalRedis redis;
  private final LocalCassandra cassandra;

  /** A stack of these three. */
  public LocalStack(LocalKafka kafka, LocalRedis redis, LocalCassandra cassandra) {
    this.kafka = kafka;
    this.redis = redis;
    this.cassandra = cassandra;
  }

  /** A stack with its data under one folder, usual memory, and free ports. */
  public static LocalStack in(MillraceHome home, Path data, Lifetime lifetime) {
    return new LocalStack(
        new LocalKafka(home, new BackendOptions(data.resolve("kafka"), 0, 512, lifetime)),
        new LocalRedis(home, new BackendOptions(data.resolve("redis"), 0, 1024, lifetime)),
        new LocalCassandra(home, new BackendOptions(data.resolve("cassandra"), 0, 768, lifetime)));
  }

  /** The broker. */
  public LocalKafka kafka() {
    return kafka;
  }

  /** The online store's server. */
  public LocalRedis redis() {
    return redis;
  }

  /** The offline store's server. */
  public LocalCassandra cassandra() {
    return cassandra;
  }

  /** All three. */
  public List<Backend> backends() {
    return List.of(kafka, redis, cassandra);
  }

  /**
   * Starts all three at once and waits until each answers.
   *
   * @param timeout for each of them
   * @param onReady told of each as soon as it answers, on a thread of its own
   * @throws LocalException naming every one that failed, with the end of its log; all are stopped
   */
  public void start(Duration timeout, Consumer<Backend> onReady) {
    List<String> failures =
        inParallel(
            backend -> {
              backend.start();
              backend.awaitReady(timeout);
              onReady.accept(backend);
            });
    if (!failures.isEmpty()) {
      failures.addAll(inParallel(Backend::stop));
      throw new LocalException(String.join("\n", failures));
    }
  }

  /** Stops all three; their data stays. */
  public void stop() {
    List<String> failures = inParallel(Backend::stop);
    if (!failures.isEmpty()) {
      throw new LocalException(String.join("\n", failures));
    }
  }

  /** Lets all three outlive the process that started them. */
  public void detach() {
    backends().forEach(Backend::detach);
  }

  @Override
  public void close() {
    stop();
  }

  private List<String> inParallel(Consumer<Backend> action) {
    List<String> failures = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> tasks = new ArrayList<>();
      for (Backend backend : backends()) {
        tasks.add(executor.submit(() -> action.accept(backend)));
      }
      for (Future<?> task : tasks) {
        try {
          task.get();
        } catch (ExecutionException e) {
          Throwable cause = e.getCause();
          failures.add(String.valueOf(cause == null ? e : cause.getMessage()));
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
}
