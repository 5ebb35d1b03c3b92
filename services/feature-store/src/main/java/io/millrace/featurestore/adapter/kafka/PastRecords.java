// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.common.streams.KafkaSettings;
import io.millrace.featurestore.topology.IncomingRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The committed records of some events' topics, each partition up to an offset. Not thread-safe.
 */
final class PastRecords implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int POLL_RECORDS = 4_000;

  private final Consumer<byte[], byte[]> consumer;
  private final Map<String, String> eventOfTopic = new HashMap<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  PastRecords(String clientId, KafkaSettings kafka) {
    Map<String, Object> config = kafka.consumer(clientId);
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS);
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Adds a topic.
   *
   * @param event whose it is
   * @param reached up to where it is read, nothing of a partition that is not there; null: up to
   *     its end as of now
   */
  void add(
      String event,
      String topic,
      int partitions,
      @Nullable Map<TopicPartition, OffsetAndMetadata> reached) {
    List<TopicPartition> all = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      all.add(new TopicPartition(topic, partition));
    }
    eventOfTopic.put(topic, event);
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(all, TIMEOUT);
    Map<TopicPartition, Long> latest =
        reached == null ? consumer.endOffsets(all, TIMEOUT) : Map.of();
    for (TopicPartition partition : all) {
      long begin = begins.getOrDefault(partition, 0L);
      OffsetAndMetadata at = reached == null ? null : reached.get(partition);
      ends.put(
          partition,
          Math.max(begin, at == null ? latest.getOrDefault(partition, begin) : at.offset()));
    }
  }

  /**
   * Gives all records, those of a partition in their order, each with the event of its topic.
   *
   * @param isCancelled asked between batches of some thousand
   * @return how many there were
   */
  long read(BiConsumer<String, IncomingRecord> taker, BooleanSupplier isCancelled) {
    consumer.assign(ends.keySet());
    consumer.seekToBeginning(ends.keySet());
    Set<TopicPartition> left = new HashSet<>(ends.keySet());
    long records = 0;
    while (true) {
      left.removeIf(this::isRead);
      if (left.isEmpty() || isCancelled.getAsBoolean()) {
        return records;
      }
      ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
      for (TopicPartition partition : polled.partitions()) {
        long end = Objects.requireNonNull(ends.get(partition));
        String event = Objects.requireNonNull(eventOfTopic.get(partition.topic()));
        for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
          if (record.offset() >= end) {
            break;
          }
          taker.accept(
              event,
              new IncomingRecord(
                  record.value(),
                  record.headers(),
                  record.timestamp(),
                  record.topic(),
                  record.partition(),
                  record.offset()));
          records++;
        }
      }
    }
  }

  private boolean isRead(TopicPartition partition) {
    if (consumer.position(partition, TIMEOUT) < Objects.requireNonNull(ends.get(partition))) {
      return false;
    }
    consumer.pause(List.of(partition));
    return true;
  }

  /** Partition → the offset that it is read up to, exclusive. */
  Map<TopicPartition, OffsetAndMetadata> ends() {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    ends.forEach((partition, end) -> offsets.put(partition, new OffsetAndMetadata(end)));
    return offsets;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
