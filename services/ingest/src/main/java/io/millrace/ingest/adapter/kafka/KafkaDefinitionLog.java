// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.kafka;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import io.millrace.ingest.application.DefinitionLog;
import io.millrace.ingest.application.DefinitionsUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** The topic {@code millrace.applications}: small, compacted, one partition. Thread-safe. */
public final class KafkaDefinitionLog implements DefinitionLog {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaSettings settings;
  private final Admin admin;
  private final Publisher publisher;

  public KafkaDefinitionLog(KafkaSettings settings, Admin admin, Publisher publisher) {
    this.settings = settings;
    this.admin = admin;
    this.publisher = publisher;
  }

  @Override
  public Map<String, ApplicationApplied> latest() {
    Map<String, Object> config = new HashMap<>(settings.consumer("unused"));
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    TopicPartition partition = new TopicPartition(Topics.APPLICATIONS.name(), 0);
    Map<String, ApplicationApplied> latest = new HashMap<>();
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      long end = consumer.endOffsets(List.of(partition), TIMEOUT).getOrDefault(partition, 0L);
      consumer.seekToBeginning(List.of(partition));
      while (consumer.position(partition, TIMEOUT) < end) {
        if (System.nanoTime() > deadline) {
          throw new org.apache.kafka.common.errors.TimeoutException("still not at the end");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          String app = new String(record.key(), StandardCharsets.UTF_8);
          ApplicationApplied applied =
              Topics.APPLICATIONS
                  .valueSerde()
                  .deserializer()
                  .deserialize(record.topic(), record.value());
          if (applied == null) {
            latest.remove(app);
          } else {
            latest.put(app, applied);
          }
        }
      }
      return latest;
    } catch (KafkaException e) {
      throw new DefinitionsUnavailableException("the definitions cannot be read from Kafka", e);
    }
  }

  @Override
  public void createTopics(ApplicationDefinition definition) {
    try {
      TopicCreation.ensure(admin, new Topics(definition.name()).all(definition), TIMEOUT);
    } catch (IllegalStateException e) {
      throw new DefinitionsUnavailableException("the topics cannot be created", e);
    }
  }

  @Override
  public void publish(String app, @Nullable ApplicationApplied applied) {
    try {
      publisher.publish(Topics.APPLICATIONS, app, applied, TIMEOUT);
    } catch (IllegalStateException e) {
      throw new DefinitionsUnavailableException("the definition cannot be published", e);
    }
  }
}
