// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.kafka;

import io.millrace.common.contract.EventRejected;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.ingest.intake.IntakeUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads topics from an instant to their end and says which ids are there. Thread-safe. */
final class KafkaLogSearch {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(500);

  /** Clocks of processes differ; a longer read finds the same. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

  private final KafkaSettings settings;

  KafkaLogSearch(KafkaSettings settings) {
    this.settings = settings;
  }

  /** Ids of events; each is looked for where its key puts it. */
  Set<String> accepted(Topic<?, ?> topic, Map<String, @Nullable String> keys, long fromMs) {
    if (keys.isEmpty()) {
      return Set.of();
    }
    return find(
        topic.name(),
        fromMs,
        partitions -> {
          Set<TopicPartition> wanted = new HashSet<>();
          for (String key : keys.values()) {
            if (key == null) {
              partitions.forEach(each -> wanted.add(partition(each)));
            } else {
              byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
              int number = BuiltInPartitioner.partitionForKey(bytes, partitions.size());
              wanted.add(new TopicPartition(topic.name(), number));
            }
          }
          return wanted;
        },
        record -> {
          Header id = record.headers().lastHeader("ce_id");
          String text = id == null ? "" : new String(id.value(), StandardCharsets.UTF_8);
          return keys.containsKey(text) ? text : null;
        });
  }

  /** Ids of dead letters of one kind of event. */
  Set<String> rejected(
      Topic<String, EventRejected> topic, String event, Set<String> ids, long fromMs) {
    if (ids.isEmpty()) {
      return Set.of();
    }
    return find(
        topic.name(),
        fromMs,
        partitions -> {
          Set<TopicPartition> all = new HashSet<>();
          partitions.forEach(each -> all.add(partition(each)));
          return all;
        },
        record -> {
          EventRejected letter =
              topic.valueSerde().deserializer().deserialize(topic.name(), record.value());
          return letter != null && event.equals(letter.event()) && ids.contains(letter.eventId())
              ? letter.eventId()
              : null;
        });
  }

  private Set<String> find(
      String topic,
      long fromMs,
      Function<List<PartitionInfo>, Set<TopicPartition>> choice,
      Function<ConsumerRecord<byte[], byte[]>, @Nullable String> match) {
    Map<String, Object> config = new HashMap<>(settings.consumer("unused"));
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    Set<String> found = new HashSet<>();
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      Set<TopicPartition> wanted = choice.apply(consumer.partitionsFor(topic, TIMEOUT));
      consumer.assign(wanted);
      Map<TopicPartition, Long> ends = consumer.endOffsets(wanted, TIMEOUT);
      Map<TopicPartition, Long> times = new HashMap<>();
      wanted.forEach(each -> times.put(each, Math.max(0, fromMs - CLOCK_SKEW.toMillis())));
      Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(times, TIMEOUT);
      for (TopicPartition each : wanted) {
        OffsetAndTimestamp start = starts.get(each);
        consumer.seek(each, start == null ? ends.getOrDefault(each, 0L) : start.offset());
      }
      while (wanted.stream()
          .anyMatch(each -> consumer.position(each, TIMEOUT) < ends.getOrDefault(each, 0L))) {
        if (System.nanoTime() > deadline) {
          throw new IntakeUnavailableException("cannot read " + topic + " to its end in time");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          String id = match.apply(record);
          if (id != null) {
            found.add(id);
          }
        }
      }
      return found;
    } catch (KafkaException e) {
      throw new IntakeUnavailableException("cannot read " + topic, e);
    }
  }

  private static TopicPartition partition(PartitionInfo info) {
    return new TopicPartition(info.topic(), info.partition());
  }
}
