// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.kafka;

import io.millrace.common.contract.EventRejected;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.ingest.intake.IntakeUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The last dead letters of an application, newest first. Thread-safe. */
public final class KafkaDeadLetters {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaSettings settings;

  public KafkaDeadLetters(KafkaSettings settings) {
    this.settings = settings;
  }

  /**
   * Reads the last letters.
   *
   * @param limit at most so many, from 1
   * @throws IntakeUnavailableException where Kafka does not answer in time
   */
  public List<EventRejected> last(String app, int limit) {
    Topic<String, EventRejected> topic = new Topics(app).rejected();
    Map<String, Object> config = new HashMap<>(settings.consumer("unused"));
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    TopicPartition partition = new TopicPartition(topic.name(), 0);
    ArrayDeque<EventRejected> letters = new ArrayDeque<>();
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      long end = consumer.endOffsets(List.of(partition), TIMEOUT).getOrDefault(partition, 0L);
      long start =
          consumer.beginningOffsets(List.of(partition), TIMEOUT).getOrDefault(partition, 0L);
      consumer.seek(partition, Math.max(start, end - limit));
      while (consumer.position(partition, TIMEOUT) < end) {
        if (System.nanoTime() > deadline) {
          throw new IntakeUnavailableException("cannot read " + topic.name() + " in time");
        }
        consumer
            .poll(POLL)
            .forEach(
                record -> {
                  EventRejected letter =
                      topic.valueSerde().deserializer().deserialize(topic.name(), record.value());
                  if (letter != null) {
                    letters.addLast(letter);
                  }
                });
        while (letters.size() > limit) {
          letters.removeFirst();
        }
      }
      List<EventRejected> newestFirst = new ArrayList<>(letters);
      Collections.reverse(newestFirst);
      return newestFirst;
    } catch (KafkaException e) {
      throw new IntakeUnavailableException("cannot read " + topic.name(), e);
    }
  }
}
