// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.parity.ParityCheck.Served;
import io.millrace.featurestore.parity.ParityMeter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the vectors that models saw to the parity meter: the predictions of every application, from
 * now on. Only the key of a record is looked at unless the key is sampled. Instances share the
 * partitions. Thread-safe.
 */
public final class ServedPredictions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServedPredictions.class);
  private static final String GROUP = "millrace-feature-store-parity";
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int FETCH_BYTES_MAX = 4 << 20;

  private final KafkaSettings kafka;
  private final ApplicationRegistry registry;
  private final ParityMeter meter;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile @Nullable Consumer<byte[], byte[]> polling;

  /** Whose predictions a topic has. */
  private record Of(String app, Topic<String, PredictionServed> topic) {}

  /** Starts reading. */
  public ServedPredictions(KafkaSettings kafka, ApplicationRegistry registry, ParityMeter meter) {
    this.kafka = kafka;
    this.registry = registry;
    this.meter = meter;
    this.thread = Thread.ofPlatform().daemon().name("served-predictions").start(this::run);
  }

  private void run() {
    Map<String, Object> config = kafka.consumer(GROUP);
    // What was served while nobody looked is not looked at afterwards: it is a sample.
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES_MAX);
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, GROUP);
    while (!stopped) {
      try (Consumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        polling = consumer;
        poll(consumer);
      } catch (WakeupException | InterruptException | InterruptedException e) {
        return;
      } catch (KafkaException e) {
        LOG.warn("the predictions cannot be read for the parity meter: {}", e.toString());
        try {
          TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException interrupted) {
          return;
        }
      }
    }
  }

  private void poll(Consumer<byte[], byte[]> consumer) throws InterruptedException {
    Map<String, Of> topics = new HashMap<>();
    while (!stopped) {
      Map<String, Of> wanted = new HashMap<>();
      for (ApplicationApplied applied : registry.all()) {
        Topic<String, PredictionServed> topic = new Topics(applied.app()).predictions();
        wanted.put(topic.name(), new Of(applied.app(), topic));
      }
      if (!wanted.keySet().equals(topics.keySet())) {
        topics = wanted;
        consumer.subscribe(topics.keySet());
      }
      if (topics.isEmpty()) {
        TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        continue;
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        Of of = topics.get(record.topic());
        if (of != null && record.key() != null && record.value() != null) {
          take(of, record);
        }
      }
    }
  }

  private void take(Of of, ConsumerRecord<byte[], byte[]> record) {
    if (!meter.wants(of.app(), new String(record.key(), StandardCharsets.UTF_8))) {
      return;
    }
    Topic<String, PredictionServed> topic = of.topic();
    PredictionServed served;
    try {
      served =
          topic
              .valueSerde()
              .deserializer()
              .deserialize(topic.name(), record.headers(), record.value());
    } catch (SerializationException e) {
      LOG.warn("{} at {}: not a prediction", topic.name(), record.offset());
      return;
    }
    meter.offer(
        served.app(),
        new Served(served.states(), served.momentMs(), new HashMap<>(served.features())),
        served.servedAtMs(),
        new ParityMeter.Origin(
            "prediction", served.predictionId() + " by model " + served.modelVersion()));
  }

  @Override
  public void close() {
    stopped = true;
    Consumer<byte[], byte[]> consumer = polling;
    if (consumer != null) {
      consumer.wakeup();
    }
    try {
      thread.join(PAUSE.multipliedBy(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
