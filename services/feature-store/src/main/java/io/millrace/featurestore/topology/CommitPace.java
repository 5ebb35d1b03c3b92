// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.time.Duration;
import java.time.InstantSource;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Asks for commits while records are taken as they come, so that what depends on a commit is fresh.
 * A task that is behind leaves them to the commit interval, which is longer: each commit writes the
 * states that changed, and the more events share a write, the sooner the task catches up. So does
 * one that processes at least once: nothing that it gives out depends on a commit, and while it
 * makes one, events wait. Not thread-safe.
 */
final class CommitPace {
  private static final Duration LOOK = Duration.ofMillis(200);

  /** Age of a record at its processing from which on the task is behind. */
  private static final long BEHIND_MS = 1_500;

  /**
   * So many looks without a record, and the task is not behind any more. One whose thread was busy
   * with another task, or waited for a store, has seen none either.
   */
  private static final int IDLE_LOOKS = 5;

  private final InstantSource clock;
  private long newestMs = Long.MIN_VALUE;
  private boolean worked;
  private int idleLooks;
  private boolean behind;

  CommitPace(InstantSource clock) {
    this.clock = clock;
  }

  /** Begins to look. */
  void start(ProcessorContext<?, ?> context) {
    boolean awaited = isAtomic(context);
    context.schedule(
        LOOK,
        PunctuationType.WALL_CLOCK_TIME,
        now -> {
          if (worked) {
            idleLooks = 0;
            behind = clock.millis() - newestMs > BEHIND_MS;
          } else if (++idleLooks == IDLE_LOOKS) {
            behind = false;
          }
          if (worked && !behind && awaited) {
            context.commit();
          }
          worked = false;
          newestMs = Long.MIN_VALUE;
        });
  }

  /** Whether all that is put between two commits is seen together or not at all. */
  static boolean isAtomic(ProcessorContext<?, ?> context) {
    return StreamsConfig.EXACTLY_ONCE_V2.equals(
        context.appConfigs().get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG));
  }

  /**
   * Takes notice of a record.
   *
   * @param timestampMs when it was accepted
   */
  void record(long timestampMs) {
    worked = true;
    newestMs = Math.max(newestMs, timestampMs);
  }

  /** Whether the last look found records older than they should be. */
  boolean isBehind() {
    return behind;
  }
}
