// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.common.topic.Topics;
import io.millrace.featurestore.topology.Upstreams;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Learns from the offsets of a streams application's group which source partitions have nothing
 * more for a partition of its repartition topic, on whichever instance either is read.
 *
 * <p>A source partition that is committed to its end at two looks running has sent all that it
 * holds: what it sent stands below the end of the repartition topic at the second look. (Not at the
 * first: a transaction's offsets may show before its records do.) Once that is committed too, all
 * of it has passed the join. Looks are told by one thread, answers are given to any.
 */
final class DrainWatch implements Upstreams, OffsetWatch {
  /** The end of a repartition topic may be a transaction marker, which need not be committed. */
  private static final long MARKER_RECORDS = 1;

  private static final String REPARTITION = "-repartition";
  private static final long UNKNOWN = -1;
  private static final Duration LOOK_HOLDS = Duration.ofSeconds(10);

  private final Set<String> sources;
  private final LongSupplier nanoTime;
  private final long[] drainedAt = new long[Topics.PARTITIONS];
  private final long[][] until = new long[Topics.PARTITIONS][Topics.PARTITIONS];
  private volatile Look last = new Look(0, new boolean[Topics.PARTITIONS][Topics.PARTITIONS]);

  private record Look(long atNanos, boolean[][] drained) {}

  /**
   * @param sources topics that are read, without internal ones
   */
  DrainWatch(Set<String> sources, LongSupplier nanoTime) {
    this.sources = Set.copyOf(sources);
    this.nanoTime = nanoTime;
    for (int upstream = 0; upstream < Topics.PARTITIONS; upstream++) {
      forget(upstream);
    }
  }

  @Override
  public boolean isDrained(int upstream, int joinPartition) {
    Look look = last;
    return look.drained()[upstream][joinPartition]
        && nanoTime.getAsLong() - look.atNanos() < LOOK_HOLDS.toNanos();
  }

  @Override
  public void look(
      Map<TopicPartition, OffsetAndMetadata> committed, Map<TopicPartition, Long> ends) {
    boolean[][] drained = new boolean[Topics.PARTITIONS][Topics.PARTITIONS];
    for (int upstream = 0; upstream < Topics.PARTITIONS; upstream++) {
      long end = endIfRead(upstream, committed, ends);
      if (end == UNKNOWN) {
        forget(upstream);
      } else if (drainedAt[upstream] != end) {
        forget(upstream);
        drainedAt[upstream] = end;
      } else {
        for (int join = 0; join < Topics.PARTITIONS; join++) {
          drained[upstream][join] = hasPassed(upstream, join, committed, ends);
        }
      }
    }
    last = new Look(nanoTime.getAsLong(), drained);
  }

  private void forget(int upstream) {
    drainedAt[upstream] = UNKNOWN;
    java.util.Arrays.fill(until[upstream], UNKNOWN);
  }

  /** The sum of the ends of the sources' partitions, where all of it is read; else unknown. */
  private long endIfRead(
      int upstream,
      Map<TopicPartition, OffsetAndMetadata> committed,
      Map<TopicPartition, Long> ends) {
    long sum = 0;
    for (String source : sources) {
      TopicPartition partition = new TopicPartition(source, upstream);
      Long end = ends.get(partition);
      OffsetAndMetadata at = committed.get(partition);
      if (end == null || (at == null ? 0 : at.offset()) < end) {
        return UNKNOWN;
      }
      sum += end;
    }
    return sum;
  }

  private boolean hasPassed(
      int upstream,
      int join,
      Map<TopicPartition, OffsetAndMetadata> committed,
      Map<TopicPartition, Long> ends) {
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      TopicPartition partition = end.getKey();
      if (partition.partition() == join && partition.topic().endsWith(REPARTITION)) {
        if (until[upstream][join] == UNKNOWN) {
          until[upstream][join] = end.getValue();
        }
        OffsetAndMetadata at = committed.get(partition);
        return at != null && at.offset() >= until[upstream][join] - MARKER_RECORDS;
      }
    }
    return false;
  }
}
