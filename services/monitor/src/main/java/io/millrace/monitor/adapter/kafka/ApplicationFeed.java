// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.adapter.kafka;

import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.monitor.loop.ApplicationMonitor;
import io.opentelemetry.api.trace.Tracer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an application's topics into its monitor, from their beginning at every start: first what
 * was decided (models, drift, alerts, training requests, verdicts), then predictions and labels,
 * and once both have reached the end that stood at the start the monitor goes live. Owns one
 * thread; a failure of the broker makes it pause and go on where it was.
 */
public final class ApplicationFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApplicationFeed.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration HEARTBEAT = Duration.ofMillis(500);

  private final String app;
  private final KafkaSettings settings;
  private final ApplicationMonitor monitor;
  private final OutcomeSpans outcomes;
  private final Map<String, Handler<?>> decided = new LinkedHashMap<>();
  private final Map<String, Handler<?>> served = new LinkedHashMap<>();
  private final Map<TopicPartition, Long> positions = new LinkedHashMap<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;
  private long unreadable;
  private long lastHeartbeatNanos;

  private record Handler<V>(Topic<String, V> topic, BiConsumer<V, Headers> accept) {
    void handle(ConsumerRecord<byte[], byte[]> record) {
      V value =
          topic
              .valueSerde()
              .deserializer()
              .deserialize(topic.name(), record.headers(), record.value());
      if (value != null) {
        accept.accept(value, record.headers());
      }
    }
  }

  public ApplicationFeed(
      String app, KafkaSettings settings, ApplicationMonitor monitor, Tracer tracer) {
    this.app = app;
    this.settings = settings;
    this.monitor = monitor;
    this.outcomes = new OutcomeSpans(app, tracer);
    Topics topics = new Topics(app);
    handle(decided, topics.models(), monitor::version);
    handle(decided, topics.drift(), monitor::restoredDrift);
    handle(decided, topics.alerts(), monitor::restoredAlert);
    handle(decided, topics.training(), monitor::requested);
    handle(decided, topics.dataVerdicts(), monitor::verdict);
    handle(decided, topics.skewVerdicts(), monitor::skew);
    handle(
        served,
        topics.predictions(),
        (prediction, headers) ->
            outcomes.predicted(prediction, headers, monitor.predicted(prediction)));
    handle(
        served,
        topics.labels(),
        (label, headers) -> outcomes.labelled(label, headers, monitor.labelled(label)));
    this.thread = Thread.ofPlatform().name("monitor-" + app).unstarted(this::run);
  }

  private static <V> void handle(
      Map<String, Handler<?>> handlers,
      Topic<String, V> topic,
      java.util.function.Consumer<V> accept) {
    handle(handlers, topic, (value, headers) -> accept.accept(value));
  }

  private static <V> void handle(
      Map<String, Handler<?>> handlers, Topic<String, V> topic, BiConsumer<V, Headers> accept) {
    handlers.put(topic.name(), new Handler<>(topic, accept));
  }

  public void start() {
    thread.start();
  }

  private void run() {
    try {
      while (stopped.getCount() > 0) {
        try {
          read();
        } catch (KafkaException | IllegalStateException e) {
          LOG.warn("application {}: monitoring pauses: {}", app, e.toString());
          if (stopped.await(PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("application {}: monitoring has stopped", app, e);
    }
  }

  private void read() {
    Map<String, Object> config = settings.consumer("unused");
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> decisions = partitions(consumer, decided.keySet());
      List<TopicPartition> traffic = partitions(consumer, served.keySet());
      List<TopicPartition> all = new ArrayList<>(decisions);
      all.addAll(traffic);
      consumer.assign(all);
      seek(consumer, all);
      if (!monitor.isLive()) {
        consumer.pause(traffic);
        readTo(consumer, consumer.endOffsets(decisions));
        consumer.resume(traffic);
        readTo(consumer, consumer.endOffsets(traffic));
        if (stopped.getCount() == 0) {
          return;
        }
        monitor.live();
        outcomes.live();
        LOG.info("application {}: monitoring is live", app);
      }
      while (stopped.getCount() > 0) {
        poll(consumer);
      }
    }
  }

  private void seek(Consumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
    consumer
        .beginningOffsets(partitions)
        .forEach(
            (partition, begin) ->
                consumer.seek(partition, positions.getOrDefault(partition, begin)));
  }

  private void readTo(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    while (stopped.getCount() > 0
        && ends.entrySet().stream()
            .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      poll(consumer);
    }
  }

  private void poll(Consumer<byte[], byte[]> consumer) {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      Handler<?> handler = decided.get(record.topic());
      if (handler == null) {
        handler = served.get(record.topic());
      }
      if (handler != null) {
        handle(handler, record);
      }
      positions.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
    }
    long now = System.nanoTime();
    if (now - lastHeartbeatNanos > HEARTBEAT.toNanos()) {
      lastHeartbeatNanos = now;
      monitor.heartbeat();
    }
  }

  private void handle(Handler<?> handler, ConsumerRecord<byte[], byte[]> record) {
    try {
      handler.handle(record);
    } catch (SerializationException e) {
      unreadable++;
      LOG.warn(
          "{}/{}/{} is not readable ({} so far): {}",
          record.topic(),
          record.partition(),
          record.offset(),
          unreadable,
          e.getMessage());
    }
  }

  private static List<TopicPartition> partitions(
      Consumer<byte[], byte[]> consumer, Collection<String> topics) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      @Nullable List<PartitionInfo> infos = consumer.partitionsFor(topic);
      if (infos == null || infos.isEmpty()) {
        throw new IllegalStateException("topic " + topic + " is not there yet");
      }
      infos.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    return partitions;
  }

  @Override
  public void close() {
    stopped.countDown();
    try {
      if (!thread.join(CLOSE_TIMEOUT)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
