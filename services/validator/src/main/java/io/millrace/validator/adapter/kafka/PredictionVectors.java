// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.kafka;

import io.millrace.common.contract.PredictionServed;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.validator.data.RowPlace;
import io.millrace.validator.model.CandidateTrial.UnavailableException;
import io.millrace.validator.skew.ServedVectors;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the vectors of {@code <app>.predictions} up to the end that stands at the call. Of each
 * partition only the tail is read that can hold as many as are asked for, and what an earlier
 * stretch of moments passed over is not read again. Predictions made of a fallback are left out:
 * their features are not what the store had.
 */
public final class PredictionVectors implements ServedVectors {
  private static final Logger LOG = LoggerFactory.getLogger(PredictionVectors.class);
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaSettings settings;
  private final Duration timeout;
  private final Map<String, Passed> passed = new ConcurrentHashMap<>();

  /**
   * Where the last reading of a stretch of moments ended.
   *
   * @param toMs end of the stretch, exclusive
   * @param offsets by partition: the first record of a later moment
   */
  private record Passed(long toMs, Map<TopicPartition, Long> offsets) {}

  /**
   * @param timeout after which what has not been read makes the call fail
   */
  public PredictionVectors(KafkaSettings settings, Duration timeout) {
    this.settings = settings;
    this.timeout = timeout;
  }

  @Override
  public List<Vector> last(String app, Asked asked, int most) {
    Topic<String, PredictionServed> topic = new Topics(app).predictions();
    Map<String, Object> config = settings.consumer("unused");
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
    ArrayDeque<Vector> found = new ArrayDeque<>();
    long deadline = System.nanoTime() + timeout.toNanos();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      @Nullable List<PartitionInfo> infos = consumer.partitionsFor(topic.name());
      if (infos == null) {
        return List.of();
      }
      List<TopicPartition> partitions =
          infos.stream().map(each -> new TopicPartition(topic.name(), each.partition())).toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Map<TopicPartition, Long> later = new HashMap<>(ends);
      consumer
          .beginningOffsets(partitions)
          .forEach(
              (partition, begin) ->
                  consumer.seek(
                      partition, Math.max(begin, from(app, asked, partition, ends, most))));
      while (partitions.stream()
          .anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
        if (System.nanoTime() - deadline > 0) {
          throw new UnavailableException("the predictions were not read in " + timeout, null);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          take(topic, record, asked, found, later);
          if (found.size() > most) {
            found.removeFirst();
          }
        }
      }
      if (asked.toMs() != Long.MAX_VALUE) {
        passed.put(app, new Passed(asked.toMs(), Map.copyOf(later)));
      }
    } catch (KafkaException e) {
      throw new UnavailableException("the predictions cannot be read: " + e.getMessage(), e);
    }
    return new ArrayList<>(found);
  }

  /** Nothing before this place of a partition is asked for. */
  private long from(
      String app, Asked asked, TopicPartition partition, Map<TopicPartition, Long> ends, int most) {
    if (asked.version() == null && asked.fromMs() == Long.MIN_VALUE) {
      return ends.getOrDefault(partition, 0L) - most;
    }
    Passed before = passed.get(app);
    return before == null || before.toMs() > asked.fromMs()
        ? 0
        : before.offsets().getOrDefault(partition, 0L);
  }

  private static void take(
      Topic<String, PredictionServed> topic,
      ConsumerRecord<byte[], byte[]> record,
      Asked asked,
      ArrayDeque<Vector> found,
      Map<TopicPartition, Long> later) {
    PredictionServed served;
    try {
      served =
          topic
              .valueSerde()
              .deserializer()
              .deserialize(topic.name(), record.headers(), record.value());
    } catch (SerializationException e) {
      LOG.warn(
          "{}/{}/{} is no prediction and is passed over: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          e.getMessage());
      return;
    }
    if (served != null && served.momentMs() >= asked.toMs()) {
      later.merge(
          new TopicPartition(record.topic(), record.partition()), record.offset(), Math::min);
      return;
    }
    if (served != null
        && served.fallback() == null
        && (asked.version() == null || asked.version().equals(served.modelVersion()))
        && served.momentMs() >= asked.fromMs()) {
      found.addLast(
          new Vector(
              served.predictionId(),
              served.modelVersion(),
              served.features(),
              new RowPlace(record.partition(), record.offset())));
    }
  }
}
