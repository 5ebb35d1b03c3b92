// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.testkit.await.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * What stands on a topic: every committed record of all partitions, each in its order, up to the
 * end at the moment of the call. Fails the test where that cannot be read within five minutes.
 */
public final class TopicRecords {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration POLL = Duration.ofMillis(100);

  private TopicRecords() {}

  /** The records of a topic. */
  public static <K, V> List<ConsumerRecord<K, V>> of(KafkaSettings kafka, Topic<K, V> topic) {
    return read(
        kafka, topic.name(), topic.keySerde().deserializer(), topic.valueSerde().deserializer());
  }

  /** The values of a topic; null for a tombstone. */
  public static <V> List<V> values(KafkaSettings kafka, Topic<?, V> topic) {
    List<V> values = new ArrayList<>();
    read(kafka, topic.name(), new ByteArrayDeserializer(), topic.valueSerde().deserializer())
        .forEach(record -> values.add(record.value()));
    return values;
  }

  /** The records of a topic of that name as bytes, whatever they are. */
  public static List<ConsumerRecord<byte[], byte[]>> bytes(KafkaSettings kafka, String topic) {
    return read(kafka, topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static <K, V> List<ConsumerRecord<K, V>> read(
      KafkaSettings kafka, String topic, Deserializer<K> keys, Deserializer<V> values) {
    Map<String, Object> config = kafka.consumer("unused");
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    List<ConsumerRecord<K, V>> records = new ArrayList<>();
    try (KafkaConsumer<K, V> consumer = new KafkaConsumer<>(config, keys, values)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(each -> new TopicPartition(each.topic(), each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Await.until(
          () -> {
            consumer.poll(POLL).forEach(records::add);
            return ends.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
          },
          LIMIT,
          () -> topic + " cannot be read to " + ends);
    }
    return records;
  }
}
