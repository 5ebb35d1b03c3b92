// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.retraining;

import io.millrace.common.contract.Interval;
import java.util.List;
import java.util.TreeMap;

/**
 * How many labels there are of the moments of a stretch of event time, in bounded memory. Exact
 * until there are {@value #BUCKETS_MAX} different moments; then neighbours share a bucket, and only
 * buckets that lie in the stretch as a whole are counted, so that an answer is never too large.
 * Once ten times as many labels are kept as anybody asks for, the oldest go instead. Not
 * thread-safe.
 */
final class LabelledMoments {
  static final int BUCKETS_MAX = 40_000;

  private static final int TIMES_ASKED_FOR = 10;

  private final long enough;
  private TreeMap<Long, Long> buckets = new TreeMap<>();
  private long bucketMs = 1;
  private long kept;

  /**
   * @param asked the most labels that anybody asks for
   */
  LabelledMoments(long asked) {
    this.enough = TIMES_ASKED_FOR * asked;
  }

  void add(long momentMs) {
    buckets.merge(Math.floorDiv(momentMs, bucketMs), 1L, Long::sum);
    kept++;
    if (buckets.size() > BUCKETS_MAX) {
      shrink();
    }
  }

  private void shrink() {
    if (kept - buckets.firstEntry().getValue() >= enough) {
      kept -= buckets.pollFirstEntry().getValue();
      return;
    }
    TreeMap<Long, Long> wider = new TreeMap<>();
    buckets.forEach((bucket, count) -> wider.merge(Math.floorDiv(bucket, 2L), count, Long::sum));
    buckets = wider;
    bucketMs *= 2;
  }

  /** Labels of moments within the intervals; not more than there are. */
  long within(List<Interval> intervals) {
    long count = 0;
    for (Interval interval : intervals) {
      long first = Math.ceilDiv(interval.fromMs(), bucketMs);
      long end = Math.floorDiv(interval.toMs(), bucketMs);
      if (first < end) {
        for (long each : buckets.subMap(first, end).values()) {
          count += each;
        }
      }
    }
    return count;
  }
}
