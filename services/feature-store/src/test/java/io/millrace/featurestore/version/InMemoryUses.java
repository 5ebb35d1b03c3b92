// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.version;

import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.view.GenerationStore.Kind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** One application's versions of a kind, in memory, with a clock that is told. Thread-safe. */
public final class InMemoryUses implements VersionUses {
  private final LongSupplier nanoTime;

  /** Version and instance → until when that holds. */
  private final Map<String, Map<String, Long>> uses = new TreeMap<>();

  final Map<String, String> leaving = new TreeMap<>();

  /** Whether it does not answer. */
  boolean isAway;

  /** Done before each call: another instance may act then. */
  Runnable between = () -> {};

  public InMemoryUses(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  private <T> CompletionStage<T> answer(T answer) {
    return isAway
        ? CompletableFuture.failedFuture(new StoreUnavailableException("away"))
        : CompletableFuture.completedFuture(answer);
  }

  private void call() {
    between.run();
    if (isAway) {
      throw new StoreUnavailableException("away");
    }
  }

  @Override
  public synchronized CompletionStage<Void> use(
      String app, Kind kind, String version, String instance) {
    between.run();
    if (!isAway) {
      uses.computeIfAbsent(version, key -> new TreeMap<>())
          .put(instance, nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(HOLDS_S));
    }
    return answer(null);
  }

  @Override
  public synchronized CompletionStage<Void> leave(
      String app, Kind kind, String version, String instance) {
    between.run();
    if (!isAway) {
      uses.getOrDefault(version, new TreeMap<>()).remove(instance);
    }
    return answer(null);
  }

  @Override
  public synchronized CompletionStage<Book> read(String app, Kind kind) {
    between.run();
    Map<String, String> seen = Map.copyOf(leaving);
    between.run();
    Map<String, Set<String>> found = new HashMap<>();
    uses.forEach(
        (version, instances) ->
            instances.forEach(
                (instance, until) -> {
                  if (nanoTime.getAsLong() < until) {
                    found.computeIfAbsent(version, key -> new HashSet<>()).add(instance);
                  }
                }));
    return answer(new Book(found, seen));
  }

  @Override
  public synchronized void retire(String app, Kind kind, String version) {
    call();
    leaving.putIfAbsent(version, "");
  }

  @Override
  public synchronized boolean claim(String app, Kind kind, String version, String from, String to) {
    call();
    return to.equals(leaving.computeIfPresent(version, (key, now) -> now.equals(from) ? to : now));
  }

  @Override
  public synchronized boolean strike(String app, Kind kind, String version, String from) {
    call();
    leaving.remove(version, from);
    return !leaving.containsKey(version);
  }
}
