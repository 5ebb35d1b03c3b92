// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.featurestore.adapter.kafka.ApplicationStreams.Settings;
import io.millrace.featurestore.topology.Backfill;
import io.millrace.featurestore.topology.TaskStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Writes the states of a streams application into its changelogs, and its offsets into its group,
 * in one transaction. Since it was made, no other one of the same application can commit; what one
 * has committed is seen. Not thread-safe.
 */
final class StatesTransaction implements AutoCloseable {
  /** What a broker allows by default; the transaction lasts as long as the states are written. */
  private static final Duration TRANSACTION = Duration.ofMinutes(15);

  /** A broker that stalls for a while is waited for: to give up is to read everything again. */
  private static final Duration STALL = Duration.ofMinutes(2);

  /** No key of a task's store is greater: each begins with a letter, or is a number from 0. */
  private static final byte[] LAST = {(byte) 0xff};

  private final String applicationId;
  private final InternalTopics internal;
  private final Producer<byte[], byte[]> producer;

  StatesTransaction(String applicationId, Settings settings) {
    this.applicationId = applicationId;
    internal = new InternalTopics(settings.admin(), applicationId);
    Map<String, Object> config = settings.kafka().producer();
    String id = applicationId + "-backfill";
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION.toMillis());
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) STALL.toMillis());
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) STALL.toMillis());
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, id);
    producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      producer.initTransactions();
    } catch (KafkaException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  /**
   * Writes all. To be called once.
   *
   * @param letters dead letters: eight bytes for their order and the event's id → the record
   * @param offsets of the application's group
   * @throws IllegalStateException where it fails; nobody sees what is left of it
   */
  void commit(
      Map<Backfill.Store, TaskStore> stores,
      String letterTopic,
      TaskStore letters,
      Map<TopicPartition, OffsetAndMetadata> offsets) {
    Map<String, Integer> partitions = new HashMap<>();
    stores
        .keySet()
        .forEach(store -> partitions.merge(store.name(), store.partition() + 1, Math::max));
    internal.createChangelogs(partitions);
    producer.beginTransaction();
    try {
      stores.forEach(
          (store, content) ->
              each(
                  content,
                  (key, value) ->
                      producer.send(
                          new ProducerRecord<>(
                              internal.changelog(store.name()), store.partition(), key, value))));
      each(
          letters,
          (key, value) -> {
            byte[] id = Arrays.copyOfRange(key, Long.BYTES, key.length);
            producer.send(new ProducerRecord<>(letterTopic, id, value));
          });
      producer.sendOffsetsToTransaction(offsets, new ConsumerGroupMetadata(applicationId));
      producer.commitTransaction();
    } catch (KafkaException e) {
      // What is left of it ends when the next one begins.
      throw new IllegalStateException("backfill of " + applicationId + ": " + e, e);
    }
  }

  private static void each(TaskStore store, BiConsumer<byte[], byte[]> taker) {
    try (KeyValueIterator<Bytes, byte[]> all = store.range(new byte[0], LAST)) {
      while (all.hasNext()) {
        KeyValue<Bytes, byte[]> each = all.next();
        taker.accept(each.key.get(), each.value);
      }
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
