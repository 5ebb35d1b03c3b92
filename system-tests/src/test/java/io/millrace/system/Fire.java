// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import io.millrace.cli.stack.Service;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Kills services with SIGKILL and starts them again, one after the other. Not thread-safe. */
final class Fire implements AutoCloseable {
  private static final long MOMENT_NANOS = Duration.ofMillis(300).toNanos();

  private final RunningStack stack;
  private final SplittableRandom random;
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private @Nullable Future<?> last;
  private Service struck = Service.INGEST;

  Fire(RunningStack stack, long seed) {
    this.stack = stack;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Kills a service some moment from now, within what the one before needs to be back and 300 ms,
   * and starts it again at once. Returns before that.
   */
  void strike(Service service) {
    awaitBack();
    struck = service;
    // Not a wait for anything: only so that it is not always the same instruction that is cut off.
    long moment = random.nextLong(MOMENT_NANOS);
    last =
        executor.submit(
            () -> {
              LockSupport.parkNanos(moment);
              stack.stack().service(service).kill();
              long killed = System.nanoTime();
              stack.stack().restart(service);
              RunningStack.say(
                  "%s was killed and is back after %.1f s"
                      .formatted(service.id(), (System.nanoTime() - killed) / 1e9));
            });
  }

  /** Waits until what was struck last is ready again. */
  void awaitBack() {
    Future<?> before = last;
    if (before == null) {
      return;
    }
    try {
      before.get(2 * RunningStack.LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(struck.id() + " is not back: " + e + stack.tail(struck), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
