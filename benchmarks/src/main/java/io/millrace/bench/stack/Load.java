// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import io.millrace.bench.BenchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/** Sends many events: as fast as they are taken, or at a rate. */
public final class Load {
  private static final int BATCH = 500;
  private static final int CALLERS = 4;
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int REQUESTS_MAX = 256;

  private Load() {}

  /** Sends all as fast as they are taken, in batches of 500 from 4 callers; returns when done. */
  public static void asFastAsTaken(Sender sender, List<Message> events) {
    Semaphore places = new Semaphore(CALLERS);
    List<Future<?>> batches = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int from = 0; from < events.size(); from += BATCH) {
        List<Message> batch = events.subList(from, Math.min(from + BATCH, events.size()));
        batches.add(submit(callers, places, sender, batch));
      }
      join(batches);
    }
  }

  /** Sends all one batch of 500 after the other, so that none overtakes another. */
  public static void inOrder(Sender sender, List<Message> events) {
    for (int from = 0; from < events.size(); from += BATCH) {
      sender.send(events.subList(from, Math.min(from + BATCH, events.size())));
    }
  }

  /**
   * Sends at a rate, a batch each 10 ms whatever became of those before (an open loop: what stalls
   * the receiver is seen in full). Returns when all were taken.
   *
   * @param rate events a second
   * @param due told, for each event in turn, the {@link System#nanoTime} when it was due
   */
  public static void atRate(Sender sender, List<Message> events, double rate, LongConsumer due) {
    Semaphore places = new Semaphore(REQUESTS_MAX);
    List<Future<?>> batches = new ArrayList<>();
    long begin = System.nanoTime();
    int sent = 0;
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (long tick = 1; sent < events.size(); tick++) {
        long at = begin + tick * TICK_NANOS;
        int until = (int) Math.min(events.size(), Math.round(tick * TICK_NANOS / 1e9 * rate));
        sleepUntil(at);
        if (until > sent) {
          for (int i = sent; i < until; i++) {
            due.accept(at);
          }
          batches.add(submit(callers, places, sender, events.subList(sent, until)));
          sent = until;
        }
      }
      join(batches);
    }
  }

  private static void sleepUntil(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static Future<?> submit(
      ExecutorService callers, Semaphore places, Sender sender, List<Message> batch) {
    try {
      places.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while sending", e);
    }
    return callers.submit(
        () -> {
          try {
            sender.send(batch);
          } finally {
            places.release();
          }
        });
  }

  private static void join(List<Future<?>> batches) {
    for (Future<?> batch : batches) {
      try {
        batch.get();
      } catch (ExecutionException e) {
        throw new BenchException("cannot send: " + e.getCause(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BenchException("interrupted while sending", e);
      }
    }
  }

  /** How many events a rate makes in that time. */
  public static int eventsOf(double rate, Duration time) {
    return (int) Math.ceil(rate * time.toMillis() / 1e3);
  }
}
