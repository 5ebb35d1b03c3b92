// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.featurestore.history.StoreUnavailableException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Writes that were sent and must be acknowledged before the next commit. The store itself limits
 * how many are in flight. Not thread-safe.
 */
final class PendingWrites {
  private final Deque<CompletableFuture<Void>> pending = new ArrayDeque<>();

  /**
   * Adds a write.
   *
   * @throws StoreUnavailableException where it, or the oldest one, has failed already
   */
  void add(CompletionStage<Void> write) {
    CompletableFuture<Void> future = write.toCompletableFuture();
    if (!future.isDone() || future.isCompletedExceptionally()) {
      pending.add(future);
    }
    if (future.isCompletedExceptionally()) {
      check(future);
    }
    CompletableFuture<Void> oldest = pending.peek();
    while (oldest != null && oldest.isDone()) {
      check(oldest);
      pending.remove();
      oldest = pending.peek();
    }
  }

  private static void check(CompletableFuture<Void> done) {
    if (done.isCompletedExceptionally()) {
      throw failure(done.exceptionNow());
    }
  }

  /**
   * Waits for all.
   *
   * @param deadlineNanos by {@link System#nanoTime}
   * @throws StoreUnavailableException where one fails or is not acknowledged in time
   */
  void await(long deadlineNanos) {
    CompletableFuture<Void> next = pending.peek();
    while (next != null) {
      await(next, deadlineNanos);
      pending.remove();
      next = pending.peek();
    }
  }

  static void await(CompletableFuture<Void> write, long deadlineNanos) {
    try {
      write.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new StoreUnavailableException("a write was not acknowledged in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while waiting for a write", e);
    }
  }

  private static StoreUnavailableException failure(Throwable cause) {
    return cause instanceof StoreUnavailableException known
        ? known
        : new StoreUnavailableException(String.valueOf(cause.getMessage()), cause);
  }
}
