// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.kafka;

import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what people have decided about schemas, {@code <app>.schemas}. Thread-safe. */
public final class SchemaDecisions {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaDecisions.class);
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaSettings settings;
  private final Duration timeout;

  /**
   * @param timeout after which what has not been read makes the call fail
   */
  public SchemaDecisions(KafkaSettings settings, Duration timeout) {
    this.settings = settings;
    this.timeout = timeout;
  }

  /**
   * All decisions up to the end that stands at the call, in their order. What is none is passed
   * over.
   *
   * @throws IllegalStateException where the broker does not answer in time
   */
  public List<SchemaDecided> soFar(String app) {
    Topic<String, SchemaDecided> topic = new Topics(app).schemaDecisions();
    TopicPartition only = new TopicPartition(topic.name(), 0);
    Map<String, Object> config = settings.consumer("unused");
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    List<SchemaDecided> decided = new ArrayList<>();
    long deadline = System.nanoTime() + timeout.toNanos();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(only));
      consumer.seekToBeginning(List.of(only));
      long end = consumer.endOffsets(List.of(only), timeout).getOrDefault(only, 0L);
      while (consumer.position(only, timeout) < end) {
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException(topic.name() + " was not read in " + timeout);
        }
        consumer.poll(POLL).forEach(record -> take(topic, record, decided));
      }
    } catch (KafkaException e) {
      throw new IllegalStateException("cannot read " + topic.name() + ": " + e.getMessage(), e);
    }
    return decided;
  }

  private static void take(
      Topic<String, SchemaDecided> topic,
      ConsumerRecord<byte[], byte[]> record,
      List<SchemaDecided> decided) {
    try {
      SchemaDecided each =
          topic
              .valueSerde()
              .deserializer()
              .deserialize(topic.name(), record.headers(), record.value());
      if (each != null) {
        decided.add(each);
      }
    } catch (SerializationException e) {
      LOG.warn(
          "{}/{}/{} is no decision about a schema and is passed over: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          e.getMessage());
    }
  }
}
