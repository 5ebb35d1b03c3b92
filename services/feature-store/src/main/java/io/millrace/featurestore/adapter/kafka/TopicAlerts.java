// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.common.contract.AlertRaised;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.alert.AlertLog;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** The alerts topic of an application. Thread-safe. */
public final class TopicAlerts implements AlertLog {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaSettings kafka;
  private final Publisher publisher;

  public TopicAlerts(KafkaSettings kafka, Publisher publisher) {
    this.kafka = kafka;
    this.publisher = publisher;
  }

  @Override
  public List<AlertRaised> open(String app) {
    Topic<String, AlertRaised> topic = new Topics(app).alerts();
    TopicPartition only = new TopicPartition(topic.name(), 0);
    Map<String, AlertRaised> last = new LinkedHashMap<>();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumer("millrace-feature-store-alerts"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(only));
      consumer.seekToBeginning(List.of(only));
      long end = consumer.endOffsets(List.of(only), TIMEOUT).getOrDefault(only, 0L);
      long deadline = System.nanoTime() + TIMEOUT.toNanos();
      while (consumer.position(only, TIMEOUT) < end) {
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException("cannot read " + topic.name() + " to its end in time");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          AlertRaised alert = read(topic, record);
          if (alert != null) {
            last.put(alert.alertId(), alert);
          }
        }
      }
    } catch (KafkaException e) {
      throw new IllegalStateException("cannot read " + topic.name() + ": " + e, e);
    }
    return last.values().stream().filter(alert -> alert.status().equals("open")).toList();
  }

  private static @Nullable AlertRaised read(
      Topic<String, AlertRaised> topic, ConsumerRecord<byte[], byte[]> record) {
    return topic
        .valueSerde()
        .deserializer()
        .deserialize(topic.name(), record.headers(), record.value());
  }

  @Override
  public void publish(AlertRaised alert) {
    publisher.publish(new Topics(alert.app()).alerts(), alert.alertId(), alert, TIMEOUT);
  }
}
