// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import java.util.HashMap;
import java.util.Map;

/**
 * How far the events of one kind have come, in event time: the least far of the partitions that are
 * still sending, so that a partition that lags behind in a replay does not see its spans closed
 * under it. A partition that sends nothing for a while does not hold the others up; while nothing
 * arrives at all, the farthest counts.
 */
final class Progress {
  private final Map<Integer, Long> reached = new HashMap<>();
  private final Map<Integer, Long> heardAtMs = new HashMap<>();
  private long firstHeardAtMs = Long.MAX_VALUE;

  void advance(int partition, long eventTimeMs, long nowMs) {
    reached.merge(partition, eventTimeMs, Math::max);
    heardAtMs.put(partition, nowMs);
    firstHeardAtMs = Math.min(firstHeardAtMs, nowMs);
  }

  /**
   * @param idleMs after which a silent partition does not count
   * @param settleMs wait after the first sign of life, within which other partitions may report
   * @return event time in milliseconds; Long.MIN_VALUE while that is too early to say
   */
  long at(long nowMs, long idleMs, long settleMs) {
    if (reached.isEmpty() || nowMs - firstHeardAtMs < settleMs) {
      return Long.MIN_VALUE;
    }
    long farthest = Long.MIN_VALUE;
    long least = Long.MAX_VALUE;
    for (Map.Entry<Integer, Long> entry : reached.entrySet()) {
      farthest = Math.max(farthest, entry.getValue());
      if (nowMs - heardAtMs.getOrDefault(entry.getKey(), nowMs) < idleMs) {
        least = Math.min(least, entry.getValue());
      }
    }
    return least == Long.MAX_VALUE ? farthest : least;
  }
}
