// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.catalogue;

import io.millrace.featurestore.view.Generation;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last profile of each application, measured anew in the background when somebody asks and it
 * is old. One at a time. Thread-safe.
 */
public final class Profiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Profiles.class);
  private static final Duration OLD = Duration.ofMinutes(10);
  private static final int WAITING_MAX = 16;

  private final Profiler profiler;
  private final ToLongFunction<String> asOf;
  private final InstantSource clock;
  private final Map<String, Profile> last = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Profile>> running = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          1,
          1,
          1,
          TimeUnit.MINUTES,
          new ArrayBlockingQueue<>(WAITING_MAX),
          Thread.ofPlatform().daemon().name("feature-profiler").factory());

  /**
   * @param asOf application → moment at which its values are to be read
   */
  public Profiles(Profiler profiler, ToLongFunction<String> asOf, InstantSource clock) {
    this.profiler = profiler;
    this.asOf = asOf;
    this.clock = clock;
  }

  /**
   * The profile of a generation.
   *
   * @param wait how long to wait for the first one
   */
  public Optional<Profile> of(Generation generation, Duration wait) {
    Optional<Profile> known =
        Optional.ofNullable(last.get(generation.app()))
            .filter(profile -> profile.generation().equals(generation.hash()));
    if (known.isPresent() && clock.millis() - known.get().measuredAtMs() < OLD.toMillis()) {
      return known;
    }
    CompletableFuture<Profile> next;
    try {
      next = start(generation);
    } catch (RejectedExecutionException e) {
      // Many wait already: the old one has to do, or none.
      return known;
    }
    return known.isPresent()
        ? known
        : Optional.ofNullable(await(next, wait))
            .filter(profile -> profile.generation().equals(generation.hash()));
  }

  private CompletableFuture<Profile> start(Generation generation) {
    return running.computeIfAbsent(
        generation.app(),
        app -> {
          CompletableFuture<Profile> future = new CompletableFuture<>();
          executor.execute(() -> run(generation, future));
          return future;
        });
  }

  private void run(Generation generation, CompletableFuture<Profile> future) {
    try {
      Profile profile = profiler.measure(generation, asOf.applyAsLong(generation.app()));
      last.put(generation.app(), profile);
      // First out of the way: who waits for it may ask for the next one at once.
      running.remove(generation.app());
      future.complete(profile);
    } catch (RuntimeException e) {
      LOG.warn("the features of {} cannot be measured", generation.app(), e);
      running.remove(generation.app());
      future.completeExceptionally(e);
    }
  }

  private static @Nullable Profile await(CompletableFuture<Profile> next, Duration wait) {
    try {
      return next.get(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (ExecutionException | TimeoutException e) {
      // The catalogue answers without; the next question may find it.
      return null;
    }
  }

  /** Forgets an application that is gone. */
  public void forget(String app) {
    last.remove(app);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
