// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.kafka;

import io.millrace.common.streams.KafkaSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic, or the end of each partition, as it is at this moment. Thread-safe. */
final class TopicReader {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration METADATA = Duration.ofSeconds(10);
  private static final long LIMIT_NANOS = 30_000_000_000L;

  private final KafkaSettings settings;

  TopicReader(KafkaSettings settings) {
    this.settings = settings;
  }

  /**
   * Reads every committed record up to the present end.
   *
   * @throws IllegalStateException where the broker does not answer in time or there is no such
   *     topic
   */
  void readAll(String topic, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    read(topic, Long.MAX_VALUE, reader);
  }

  /** Reads the last records of each partition: at most this many. */
  void readTail(String topic, long perPartition, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    read(topic, perPartition, reader);
  }

  private void read(
      String topic, long perPartition, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    Map<String, Object> config = new HashMap<>(settings.consumer("unused"));
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer
          .partitionsFor(topic, METADATA)
          .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      if (partitions.isEmpty()) {
        throw new IllegalStateException("no topic " + topic);
      }
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, METADATA);
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, METADATA);
      ends.forEach(
          (partition, end) ->
              consumer.seek(
                  partition,
                  Math.max(
                      begins.getOrDefault(partition, 0L),
                      perPartition == Long.MAX_VALUE ? 0 : end - perPartition)));
      long deadline = System.nanoTime() + LIMIT_NANOS;
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey(), METADATA) < end.getValue())) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("the end of " + topic + " was not reached in time");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.offset()
              < ends.getOrDefault(new TopicPartition(topic, record.partition()), 0L)) {
            reader.accept(record);
          }
        }
      }
    } catch (KafkaException e) {
      throw new IllegalStateException("cannot read " + topic + ": " + e.getMessage(), e);
    }
  }
}
