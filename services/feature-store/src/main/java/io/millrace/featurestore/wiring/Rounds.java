// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Something done again and again on a thread of its own; a round that fails is tried again. */
final class Rounds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  private final ScheduledExecutorService executor;
  private final String name;

  /**
   * @param every pause between two rounds
   */
  Rounds(String name, Duration every, Runnable round) {
    this.name = name;
    executor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name(name + "-rounds").factory());
    executor.scheduleWithFixedDelay(
        () -> once(round), every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void once(Runnable round) {
    try {
      round.run();
    } catch (RuntimeException e) {
      LOG.warn("{}: trying again", name, e);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
    try {
      if (!executor.awaitTermination(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} does not end in time", name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
