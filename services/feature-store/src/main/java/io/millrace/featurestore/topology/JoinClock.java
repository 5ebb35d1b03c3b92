// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Stream time of a task that reads several upstream partitions through one repartition topic: the
 * least of their stream times, so that a partition that is read behind the others does not find its
 * windows closed and its positive events forgotten. After a start that holds for every partition
 * until it is heard, because the ones that are read first may be far ahead. One that has nothing
 * more to send, and has sent nothing for {@link #IDLE}, no longer holds the others back; silence
 * alone says nothing, since a busy or restarted process is silent too. Never goes back. Not
 * thread-safe.
 */
final class JoinClock {
  static final Duration IDLE = Duration.ofSeconds(5);

  private final List<Upstream> upstreams = new ArrayList<>();
  private final IntPredicate drained;
  private long timeMs;

  private static final class Upstream {
    private long timeMs = Long.MIN_VALUE;
    private long heardMs;

    boolean isHeard() {
      return timeMs != Long.MIN_VALUE;
    }
  }

  /**
   * @param timeMs where the last run was
   * @param upstreamCount number of upstream partitions
   * @param drained whether an upstream partition has nothing more to send
   */
  JoinClock(long timeMs, int upstreamCount, IntPredicate drained) {
    this.timeMs = timeMs;
    this.drained = drained;
    for (int i = 0; i < upstreamCount; i++) {
      upstreams.add(new Upstream());
    }
  }

  /** Takes notice of an event from an upstream partition. */
  void heard(int upstream, long eventTimeMs, long nowMs) {
    Upstream from = upstreams.get(upstream);
    from.timeMs = Math.max(from.timeMs, eventTimeMs);
    from.heardMs = nowMs;
    advance(nowMs);
  }

  /** Stream time at a wall-clock time; {@link Long#MIN_VALUE} before any event. */
  long advance(long nowMs) {
    long least = Long.MAX_VALUE;
    long greatest = Long.MIN_VALUE;
    for (int i = 0; i < upstreams.size(); i++) {
      Upstream each = upstreams.get(i);
      greatest = Math.max(greatest, each.timeMs);
      boolean silent = !each.isHeard() || nowMs - each.heardMs >= IDLE.toMillis();
      if (!silent || !drained.test(i)) {
        least = Math.min(least, each.timeMs);
      }
    }
    timeMs = Math.max(timeMs, least == Long.MAX_VALUE ? greatest : least);
    return timeMs;
  }

  long timeMs() {
    return timeMs;
  }
}
