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
import java.util.List;
import java.util.Map;
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
 * partition only the tail is read that can hold as many as are asked for. Predictions made of a
 * fallback are left out: their features are not what the store had.
 */
public final class PredictionVectors implements ServedVectors {
  private static final Logger LOG = LoggerFactory.getLogger(PredictionVectors.class);
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaSettings settings;
  private final Duration timeout;

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
      consumer
          .beginningOffsets(partitions)
          .forEach(
              (partition, begin) ->
                  consumer.seek(
                      partition,
                      asked.version() == null && asked.fromMs() == Long.MIN_VALUE
                          ? Math.max(begin, ends.getOrDefault(partition, 0L) - most)
                          : begin));
      while (partitions.stream()
          .anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
        if (System.nanoTime() - deadline > 0) {
          throw new UnavailableException("the predictions were not read in " + timeout, null);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          take(topic, record, asked, found);
          if (found.size() > most) {
            found.removeFirst();
          }
        }
      }
    } catch (KafkaException e) {
      throw new UnavailableException("the predictions cannot be read: " + e.getMessage(), e);
    }
    return new ArrayList<>(found);
  }

  private static void take(
      Topic<String, PredictionServed> topic,
      ConsumerRecord<byte[], byte[]> record,
      Asked asked,
      ArrayDeque<Vector> found) {
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
    if (served != null
        && served.fallback() == null
        && (asked.version() == null || asked.version().equals(served.modelVersion()))
        && served.momentMs() >= asked.fromMs()
        && served.momentMs() < asked.toMs()) {
      found.addLast(
          new Vector(
              served.predictionId(),
              served.modelVersion(),
              served.features(),
              new RowPlace(record.partition(), record.offset())));
    }
  }
}
