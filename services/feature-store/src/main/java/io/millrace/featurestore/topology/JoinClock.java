// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Stream time of a task that reads several upstream partitions through one repartition topic: the
 * least of their stream times, so that a partition that is read behind the others does not find its
 * windows closed. A partition that has sent nothing for {@link #IDLE} no longer holds the others
 * back. Never goes back. Not thread-safe.
 */
final class JoinClock {
  static final Duration IDLE = Duration.ofSeconds(5);

  private final Map<Integer, Upstream> upstreams = new HashMap<>();
  private long timeMs;

  private static final class Upstream {
    private long timeMs = Long.MIN_VALUE;
    private long heardMs;
  }

  /**
   * @param timeMs where the last run was
   */
  JoinClock(long timeMs) {
    this.timeMs = timeMs;
  }

  /** Takes notice of an event from an upstream partition. */
  void heard(int upstream, long eventTimeMs, long nowMs) {
    Upstream from = upstreams.computeIfAbsent(upstream, key -> new Upstream());
    from.timeMs = Math.max(from.timeMs, eventTimeMs);
    from.heardMs = nowMs;
    advance(nowMs);
  }

  /** Stream time at a wall-clock time; {@link Long#MIN_VALUE} before any event. */
  long advance(long nowMs) {
    long least = Long.MAX_VALUE;
    long greatest = Long.MIN_VALUE;
    for (Upstream each : upstreams.values()) {
      greatest = Math.max(greatest, each.timeMs);
      if (nowMs - each.heardMs < IDLE.toMillis()) {
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
