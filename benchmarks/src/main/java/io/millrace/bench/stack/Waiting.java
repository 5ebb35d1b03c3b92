// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import io.millrace.bench.BenchException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what other processes do, with a limit. */
public final class Waiting {
  private Waiting() {}

  /**
   * Asks again and again until the answer is yes.
   *
   * @param every time between two questions
   * @param what is waited for, for the message
   * @throws BenchException after the limit, or where the thread is interrupted
   */
  public static void until(BooleanSupplier done, Duration every, Duration limit, String what) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new BenchException(what + ": not within " + limit.toSeconds() + " s");
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new BenchException(what + ": interrupted");
      }
      LockSupport.parkNanos(every.toNanos());
    }
  }
}
