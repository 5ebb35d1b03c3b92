// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.backfill;

import io.millrace.bench.BenchException;
import io.millrace.cli.api.ApiException;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads a feature that was there before, fifty times a second, of customers whose value must not
 * change. Begins when it is made; what it has seen may be asked once it is closed.
 */
final class OldFeatureReads implements AutoCloseable {
  private static final long EVERY_NANOS = 20_000_000;

  private final OnlineValues values;
  private final Orders orders;
  private final Thread thread;
  private volatile boolean ending;
  private int reads;
  private int bad;
  private long longestPauseNanos;
  private @Nullable String firstBad;

  OldFeatureReads(OnlineValues values, Orders orders) {
    this.values = values;
    this.orders = orders;
    this.thread = Thread.ofPlatform().name("reads").daemon().start(this::run);
  }

  private void run() {
    SplittableRandom random = new SplittableRandom(2);
    long lastGood = System.nanoTime();
    for (long due = lastGood; !ending; due = Math.max(due + EVERY_NANOS, System.nanoTime())) {
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      boolean good = isGood(Orders.silent(random));
      long now = System.nanoTime();
      longestPauseNanos = Math.max(longestPauseNanos, now - lastGood);
      lastGood = good ? now : lastGood;
      reads++;
      bad += good ? 0 : 1;
    }
  }

  private boolean isGood(int customer) {
    String seen;
    try {
      double value = values.read(Definitions.OLD_FEATURE, customer)[0];
      if (value == orders.orders(customer)) {
        return true;
      }
      seen = "%s instead of %d".formatted(value, orders.orders(customer));
    } catch (ApiException e) {
      seen = String.valueOf(e.getMessage());
    }
    if (firstBad == null) {
      firstBad = Orders.key(customer) + ": " + seen;
    }
    return false;
  }

  /** How many reads there were. */
  int reads() {
    return reads;
  }

  /** How many of them failed, missed the value or gave another. */
  int bad() {
    return bad;
  }

  /** What was wrong with the first of those; null without any. */
  @Nullable String firstBad() {
    return firstBad;
  }

  /** The longest time between two good reads' answers, in milliseconds. */
  double longestPauseMs() {
    return longestPauseNanos / 1e6;
  }

  @Override
  public void close() {
    ending = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }
}
