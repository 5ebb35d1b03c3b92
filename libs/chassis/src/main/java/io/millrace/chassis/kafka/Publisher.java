// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.kafka;

import io.millrace.common.telemetry.TraceHeaders;
import io.millrace.common.topic.Topic;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Writes typed records with the current trace context. Idempotent producer, {@code acks=all}: a
 * completed future means durable. Thread-safe.
 */
public final class Publisher {
  private final Producer<byte[], byte[]> producer;

  public Publisher(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  /** Sends without waiting. A null value is a tombstone. */
  public <K, V> CompletableFuture<RecordMetadata> send(
      Topic<K, V> topic, @Nullable K key, @Nullable V value) {
    Headers headers = new RecordHeaders();
    byte[] keyBytes =
        key == null ? null : topic.keySerde().serializer().serialize(topic.name(), headers, key);
    byte[] valueBytes = topic.valueSerde().serializer().serialize(topic.name(), headers, value);
    TraceHeaders.inject(Context.current(), headers);
    CompletableFuture<RecordMetadata> sent = new CompletableFuture<>();
    producer.send(
        new ProducerRecord<>(topic.name(), null, null, keyBytes, valueBytes, headers),
        (metadata, failure) -> {
          if (failure == null) {
            sent.complete(metadata);
          } else {
            sent.completeExceptionally(failure);
          }
        });
    return sent;
  }

  /**
   * Sends and waits until the record is durable.
   *
   * @throws IllegalStateException where the broker did not acknowledge in time
   */
  public <K, V> RecordMetadata publish(
      Topic<K, V> topic, @Nullable K key, @Nullable V value, Duration timeout) {
    try {
      return send(topic, key, value).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot publish on " + topic.name() + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while publishing on " + topic.name(), e);
    }
  }
}
