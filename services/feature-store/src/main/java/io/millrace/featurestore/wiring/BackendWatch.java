// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import io.millrace.featurestore.adapter.redis.RedisOnlineStore;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Asks Redis and Cassandra twice a second whether they answer. Thread-safe. */
final class BackendWatch implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(BackendWatch.class);
  private static final Duration EVERY = Duration.ofMillis(500);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final Backend redis;
  private final Backend cassandra;
  private volatile @Nullable Thread thread;

  BackendWatch(RedisOnlineStore store, CqlSession session) {
    redis = new Backend("Redis", store::ping);
    cassandra =
        new Backend(
            "Cassandra",
            () ->
                session.executeAsync(
                    SimpleStatement.newInstance("SELECT key FROM system.local")
                        .setTimeout(TIMEOUT)));
  }

  /** One of them. */
  static final class Backend {
    private final String name;
    private final Supplier<? extends CompletionStage<?>> question;
    private volatile @Nullable String failure = "not asked yet";

    Backend(String name, Supplier<? extends CompletionStage<?>> question) {
      this.name = name;
      this.question = question;
    }

    /** Why it does not answer; null while it does. */
    @Nullable String failure() {
      return failure;
    }

    private void ask() throws InterruptedException {
      String before = failure;
      String now = null;
      try {
        question.get().toCompletableFuture().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException | RuntimeException e) {
        now = String.valueOf(e.getCause() == null ? e : e.getCause().getMessage());
      }
      failure = now;
      if ((before == null) != (now == null)) {
        LOG.info("{} {}", name, now == null ? "answers" : "does not answer: " + now);
      }
    }
  }

  Backend redis() {
    return redis;
  }

  Backend cassandra() {
    return cassandra;
  }

  boolean allUp() {
    return redis.failure() == null && cassandra.failure() == null;
  }

  @Override
  public void start() {
    thread = Thread.ofVirtual().name("backend-watch").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        redis.ask();
        cassandra.ask();
        TimeUnit.MILLISECONDS.sleep(EVERY.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void stop() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      thread = null;
    }
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }
}
