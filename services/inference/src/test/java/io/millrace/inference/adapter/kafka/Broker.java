// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.kafka;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.TopicRecords;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The tests' Kafka: creates an application's topics, writes on them, reads what is committed. */
public final class Broker implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(300);

  private final KafkaSettings settings = new KafkaSettings(Backends.kafka().bootstrapServers());
  private final KafkaProducer<byte[], byte[]> producer =
      new KafkaProducer<>(
          settings.producer(), new ByteArraySerializer(), new ByteArraySerializer());

  public KafkaSettings settings() {
    return settings;
  }

  public void create(ApplicationDefinition definition) {
    try (Admin admin = Admin.create(settings.admin())) {
      TopicCreation.ensure(admin, new Topics(definition.name()).all(definition), LIMIT);
    }
  }

  /** A producer of one transaction after the other. */
  KafkaProducer<byte[], byte[]> transactional(String id) {
    Map<String, Object> config = settings.producer();
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 20_000);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static <K, V> ProducerRecord<byte[], byte[]> record(
      Topic<K, V> topic, @Nullable Integer partition, @Nullable K key, V value) {
    Headers headers = new RecordHeaders();
    byte[] bytes = topic.valueSerde().serializer().serialize(topic.name(), headers, value);
    return new ProducerRecord<>(
        topic.name(),
        partition,
        null,
        key == null ? null : topic.keySerde().serializer().serialize(topic.name(), key),
        bytes,
        headers);
  }

  public <K, V> void write(Topic<K, V> topic, @Nullable K key, V value) {
    write(record(topic, null, key, value));
  }

  void write(ProducerRecord<byte[], byte[]> record) {
    try {
      producer.send(record).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("cannot write on " + record.topic(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Everything committed on a topic. */
  public <V> List<V> values(Topic<?, V> topic) {
    return TopicRecords.values(settings, topic);
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
