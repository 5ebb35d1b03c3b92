// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.featurestore.topology.ReadProgress;
import io.millrace.featurestore.view.FeatureGroup;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Learns from the offsets of a group of features up to which moment each part has read all that
 * there was. It notes where each partition ended at a look; once the group has committed as much,
 * it has read all of that moment.
 *
 * <p>A part that is fed through a repartition topic has read what its sources held at a moment once
 * all partitions of the source have been read up to then, and after that the repartition topic up
 * to its end at the next look. (Not at the same: a transaction's offsets may show before its
 * records do.) Looks are told by one thread, answers are given to any.
 */
final class ReadWatch implements ReadProgress, OffsetWatch {
  /** Of one partition; while it is further behind, the earlier ones are waited for. */
  private static final int MARKS_MAX = 64;

  private final InstantSource clock;
  private final int markers;

  /** Group → the topic that its parts read. */
  private final Map<String, String> topics = new HashMap<>();

  /** Repartition topic → the source that feeds it. */
  private final Map<String, String> sources = new HashMap<>();

  private final Map<TopicPartition, Marks> marks = new HashMap<>();

  /** When the last look ended: what the next one finds was there then. */
  private long lookedMs = UNKNOWN;

  private volatile Map<TopicPartition, Long> untils = Map.of();

  private record Mark(long atMs, long end) {}

  private static final class Marks {
    private final Deque<Mark> waiting = new ArrayDeque<>();
    private long untilMs = UNKNOWN;

    long look(long atMs, long end, long reached) {
      if (atMs != UNKNOWN && waiting.size() < MARKS_MAX) {
        waiting.add(new Mark(atMs, end));
      }
      Mark next = waiting.peek();
      while (next != null && next.end() <= reached) {
        untilMs = Math.max(untilMs, next.atMs());
        waiting.remove();
        next = waiting.peek();
      }
      return untilMs;
    }
  }

  /**
   * @param applicationId of the streams application
   * @param events event → its topic
   * @param guarantee under exactly-once a repartition topic may end with a transaction marker,
   *     which need not be committed
   */
  ReadWatch(
      String applicationId,
      Collection<FeatureGroup> groups,
      Map<String, String> events,
      Guarantee guarantee,
      InstantSource clock) {
    this.clock = clock;
    this.markers = guarantee == Guarantee.EXACTLY_ONCE_V2 ? 1 : 0;
    for (FeatureGroup group : groups) {
      String source = events.getOrDefault(group.source(), "");
      if (group.isPrimary()) {
        topics.put(group.name(), source);
      } else {
        String repartition = applicationId + "-" + group.name() + "-repartition";
        topics.put(group.name(), repartition);
        sources.put(repartition, source);
      }
    }
  }

  @Override
  public long readUntilMs(String group, int part) {
    return untils.getOrDefault(new TopicPartition(topics.getOrDefault(group, ""), part), UNKNOWN);
  }

  @Override
  public void look(
      Map<TopicPartition, OffsetAndMetadata> committed, Map<TopicPartition, Long> ends) {
    Map<TopicPartition, Long> before = untils;
    Map<TopicPartition, Long> now = new HashMap<>();
    ends.forEach(
        (partition, end) -> {
          String source = sources.get(partition.topic());
          OffsetAndMetadata at = committed.get(partition);
          long reached = (at == null ? 0 : at.offset()) + (source == null ? 0 : markers);
          long held = source == null ? lookedMs : least(source, before);
          now.put(
              partition,
              marks.computeIfAbsent(partition, key -> new Marks()).look(held, end, reached));
        });
    untils = Map.copyOf(now);
    lookedMs = clock.millis();
  }

  /** Up to when all partitions of a source had been read. */
  private static long least(String source, Map<TopicPartition, Long> untils) {
    long least = Long.MAX_VALUE;
    for (Map.Entry<TopicPartition, Long> each : untils.entrySet()) {
      if (each.getKey().topic().equals(source)) {
        least = Math.min(least, each.getValue());
      }
    }
    return least == Long.MAX_VALUE ? UNKNOWN : least;
  }
}
