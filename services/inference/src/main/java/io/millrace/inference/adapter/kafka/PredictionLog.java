// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.kafka;

import io.millrace.common.contract.PredictionServed;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.inference.serving.ServedPredictions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The predictions topic as a store that is polled. A cursor holds the next offset of every
 * partition, so that each committed prediction is returned exactly once to whoever goes on from the
 * cursor of the answer before. Thread-safe: readers are pooled, at most {@value #READERS_MAX} poll
 * at a time.
 */
public final class PredictionLog implements ServedPredictions, AutoCloseable {
  /** Means the beginning of the log, as no cursor does. */
  private static final String START = "0";

  private static final int READERS_MAX = 4;
  private static final Duration POLL_SLICE = Duration.ofMillis(100);
  private static final Duration CHECKOUT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);
  private static final int API_TIMEOUT_MS = 10_000;

  private final BlockingQueue<Consumer<byte[], byte[]>> readers =
      new ArrayBlockingQueue<>(READERS_MAX);
  private final KafkaSettings settings;
  private int created;

  public PredictionLog(KafkaSettings settings) {
    this.settings = settings;
  }

  /**
   * @throws org.apache.kafka.common.KafkaException where the broker does not answer in time
   */
  @Override
  public Page read(String app, @Nullable String after, int limit, Duration wait) {
    Topic<String, PredictionServed> topic = new Topics(app).predictions();
    Map<Integer, Long> positions =
        after == null || after.equals(START) ? new TreeMap<>() : decode(after);
    Consumer<byte[], byte[]> reader = checkOut();
    try {
      List<TopicPartition> partitions = new ArrayList<>();
      for (PartitionInfo info : reader.partitionsFor(topic.name())) {
        partitions.add(new TopicPartition(topic.name(), info.partition()));
      }
      reader.assign(partitions);
      Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
      check(after, positions, ends, topic.name());
      reader
          .beginningOffsets(partitions)
          .forEach(
              (partition, begin) -> {
                long next = Math.max(positions.getOrDefault(partition.partition(), begin), begin);
                positions.put(partition.partition(), next);
                reader.seek(partition, next);
              });
      List<PredictionServed> found =
          collect(reader, topic, partitions, positions, ends, limit, wait);
      return new Page(found, encode(positions));
    } finally {
      reader.unsubscribe();
      readers.add(reader);
    }
  }

  /** A cursor can only have been given out for what the log holds. */
  private static void check(
      @Nullable String after,
      Map<Integer, Long> positions,
      Map<TopicPartition, Long> ends,
      String topic) {
    positions.forEach(
        (partition, offset) -> {
          Long end = ends.get(new TopicPartition(topic, partition));
          if (end == null || offset > end) {
            throw new IllegalArgumentException(
                "'" + after + "' is not a cursor of this application's predictions");
          }
        });
  }

  private static List<PredictionServed> collect(
      Consumer<byte[], byte[]> reader,
      Topic<String, PredictionServed> topic,
      List<TopicPartition> partitions,
      Map<Integer, Long> positions,
      Map<TopicPartition, Long> ends,
      int limit,
      Duration wait) {
    List<PredictionServed> found = new ArrayList<>();
    long start = System.nanoTime();
    while (found.size() < limit) {
      boolean behind =
          ends.entrySet().stream().anyMatch(end -> reader.position(end.getKey()) < end.getValue());
      long waited = System.nanoTime() - start;
      boolean mayWait = found.isEmpty() && waited < wait.toNanos();
      boolean late = waited > wait.plus(READ_TIMEOUT).toNanos();
      if (late || (!behind && !mayWait)) {
        break;
      }
      for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL_SLICE)) {
        if (found.size() < limit) {
          PredictionServed served =
              topic
                  .valueSerde()
                  .deserializer()
                  .deserialize(topic.name(), record.headers(), record.value());
          if (served != null) {
            found.add(served);
          }
          positions.put(record.partition(), record.offset() + 1);
        }
      }
    }
    if (found.size() < limit) {
      // Past transaction markers, which are offsets without records.
      partitions.forEach(each -> positions.put(each.partition(), reader.position(each)));
    }
    return found;
  }

  private Consumer<byte[], byte[]> checkOut() {
    Consumer<byte[], byte[]> idle = readers.poll();
    if (idle != null) {
      return idle;
    }
    synchronized (this) {
      if (created < READERS_MAX) {
        Map<String, Object> config = settings.consumer("unused");
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
        config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, API_TIMEOUT_MS);
        Consumer<byte[], byte[]> fresh =
            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        created++;
        return fresh;
      }
    }
    try {
      Consumer<byte[], byte[]> free =
          readers.poll(CHECKOUT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      if (free == null) {
        throw new RejectedExecutionException("too many polls at a time");
      }
      return free;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static String encode(Map<Integer, Long> positions) {
    StringBuilder text = new StringBuilder();
    positions.forEach(
        (partition, offset) -> {
          if (!text.isEmpty()) {
            text.append(',');
          }
          text.append(partition).append(':').append(offset);
        });
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.toString().getBytes(StandardCharsets.US_ASCII));
  }

  private static Map<Integer, Long> decode(String cursor) {
    Map<Integer, Long> positions = new TreeMap<>();
    try {
      String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
      for (String part : text.split(",", -1)) {
        int colon = part.indexOf(':');
        long offset = Long.parseLong(part.substring(colon + 1));
        if (colon < 1 || offset < 0) {
          throw new IllegalArgumentException("offset");
        }
        positions.put(Integer.parseInt(part.substring(0, colon)), offset);
      }
      return positions;
    } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
      throw new IllegalArgumentException("'" + cursor + "' is not a cursor of this API", e);
    }
  }

  @Override
  public void close() {
    readers.forEach(reader -> reader.close());
  }
}
