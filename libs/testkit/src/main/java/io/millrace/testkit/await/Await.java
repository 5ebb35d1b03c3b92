// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.await;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what another thread or process does. Looks every 20 ms, never longer than a limit. */
public final class Await {
  private static final long PAUSE_NANOS = 20_000_000;

  private Await() {}

  /**
   * Waits until the condition holds.
   *
   * @param describe what is there instead, asked only at the deadline, for the message
   * @throws AssertionError at the deadline; the condition's own exceptions pass through at once
   */
  public static void until(Callable<Boolean> condition, Duration limit, Supplier<String> describe) {
    value(() -> condition.call() ? Optional.of(true) : Optional.empty(), limit, describe);
  }

  /**
   * Waits until there is a value.
   *
   * @param describe what is there instead, asked only at the deadline, for the message
   * @return the value
   * @throws AssertionError at the deadline; the source's own exceptions pass through at once
   */
  public static <T> T value(
      Callable<Optional<T>> source, Duration limit, Supplier<String> describe) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      Optional<T> value = call(source);
      if (value.isPresent()) {
        return value.get();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + limit + ": " + describe.get());
      }
      LockSupport.parkNanos(PAUSE_NANOS);
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted: " + describe.get());
      }
    }
  }

  private static <T> Optional<T> call(Callable<Optional<T>> source) {
    try {
      return source.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("the condition itself failed", e);
    }
  }
}
