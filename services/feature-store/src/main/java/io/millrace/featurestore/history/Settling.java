// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Events reach the history some seconds after their commit. Who needs all that is committed, as a
 * dataset does, asks for it here and waits until every part of the application's features, on
 * whichever instance, has answered. Thread-safe.
 */
public final class Settling {
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  private final SettlingStore store;
  private final Map<String, Set<String>> outstanding = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<?>> looking = new ConcurrentHashMap<>();

  public Settling(SettlingStore store) {
    this.store = store;
  }

  /** Takes a look at what is asked of an application, and does not wait for it. */
  public void look(String app) {
    CompletableFuture<?> before = looking.get(app);
    if (before == null || before.isDone()) {
      looking.put(
          app,
          store
              .read(app)
              .thenAccept(requests -> outstanding.put(app, Set.copyOf(requests.keySet())))
              .toCompletableFuture());
    }
  }

  /** Forgets an application that is not processed any more. */
  public void forget(String app) {
    outstanding.remove(app);
    looking.remove(app);
  }

  /** What was asked of an application at the last look; the same set until there is another. */
  public Set<String> outstanding(String app) {
    return outstanding.getOrDefault(app, Set.of());
  }

  /**
   * Says that all is in the history that a part had committed when it saw the request, and does not
   * wait for it.
   */
  public CompletableFuture<Void> answer(String app, String request, String part) {
    return CompletableFuture.supplyAsync(
            () -> store.answer(app, request, part), Thread::startVirtualThread)
        .thenCompose(answer -> answer);
  }

  /**
   * Waits until everything that is committed now is in the history.
   *
   * @param parts that have to answer
   * @param patience how long none of them may answer
   * @param isAsked whether these are still the parts to be waited for
   * @return false where they are not any more
   * @throws IllegalStateException where they do not answer, naming them
   */
  public boolean await(String app, Set<String> parts, Duration patience, BooleanSupplier isAsked)
      throws InterruptedException {
    if (parts.isEmpty()) {
      return true;
    }
    // Each wait has a request of its own: an answer says what was there when it was given.
    String request = UUID.randomUUID().toString();
    try {
      long deadline = System.nanoTime() + patience.toNanos();
      boolean known = false;
      int least = Integer.MAX_VALUE;
      while (isAsked.getAsBoolean()) {
        Set<String> missing = new TreeSet<>(parts);
        try {
          if (!known) {
            get(store.request(app, request).toCompletableFuture());
            known = true;
          }
          missing.removeAll(
              get(store.read(app).toCompletableFuture()).getOrDefault(request, Set.of()));
        } catch (ExecutionException | TimeoutException e) {
          // The store is away; it is asked again.
        }
        if (missing.isEmpty()) {
          return true;
        }
        if (missing.size() < least) {
          least = missing.size();
          deadline = System.nanoTime() + patience.toNanos();
        }
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException(
              "the history of %s is not complete: %s has not answered for %d s"
                  .formatted(app, missing, patience.toSeconds()));
        }
        TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
      }
      return false;
    } finally {
      store.end(app, request);
    }
  }

  private static <T> T get(CompletableFuture<T> answer)
      throws ExecutionException, TimeoutException, InterruptedException {
    return answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
  }
}
