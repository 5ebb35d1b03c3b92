// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.backfill;

import io.millrace.bench.BenchException;
import io.millrace.bench.stack.Load;
import io.millrace.bench.stack.Sender;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Orders that come through ingest, 500 a second, from when it is made until it is closed. */
final class LiveOrders implements AutoCloseable {
  private static final int A_SECOND = 500;

  private final CompletableFuture<Void> running;
  private volatile boolean ending;

  LiveOrders(Orders orders, Sender sender, InstantSource clock) {
    this.running =
        CompletableFuture.runAsync(
            () -> {
              while (!ending) {
                Load.atRate(sender, orders.next(A_SECOND, clock.instant()), A_SECOND, due -> {});
              }
            },
            task -> Thread.ofPlatform().name("live-orders").daemon().start(task));
  }

  /**
   * Makes sure that they have not come to an end by a failure.
   *
   * @throws BenchException where they have
   */
  void requireSending() {
    if (running.isCompletedExceptionally()) {
      throw new BenchException("live orders: " + running.exceptionNow(), running.exceptionNow());
    }
  }

  /** Ends with the orders of a whole second. */
  @Override
  public void close() {
    ending = true;
    try {
      running.join();
    } catch (CompletionException e) {
      throw new BenchException("live orders: " + e.getCause(), e);
    }
  }
}
