// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import io.millrace.common.streams.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Notes when each record of a topic reaches a consumer that reads committed records only, from the
 * end of the topic on. Owns one thread; questions may come from any.
 */
public final class Arrivals implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Map<String, Long> arrivedNanos = new ConcurrentHashMap<>();
  private final AtomicLong count = new AtomicLong();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Consumer<byte[], byte[]> consumer;
  private final Function<byte[], String> id;
  private final Thread thread;

  /**
   * Begins to listen; returns when nothing can be missed any more.
   *
   * @param id tells a record's id from its value
   */
  public Arrivals(KafkaSettings kafka, String topic, Function<byte[], String> id) {
    this.id = id;
    Map<String, Object> settings = kafka.consumer("unused");
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    this.consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(each -> new TopicPartition(topic, each.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    // The seek is lazy; asking for the positions makes it happen.
    partitions.forEach(consumer::position);
    this.thread = Thread.ofPlatform().name("arrivals-" + topic).daemon().start(this::read);
  }

  private void read() {
    try (consumer) {
      while (stopping.getCount() > 0) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
          if (arrivedNanos.putIfAbsent(id.apply(each.value()), System.nanoTime()) == null) {
            count.incrementAndGet();
          }
        }
      }
    }
  }

  /** Different records up to now. */
  public long count() {
    return count.get();
  }

  /** When a record arrived first, as {@link System#nanoTime}; empty where it did not. */
  public OptionalLong arrivedNanos(String recordId) {
    Long at = arrivedNanos.get(recordId);
    return at == null ? OptionalLong.empty() : OptionalLong.of(at);
  }

  @Override
  public void close() {
    stopping.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
