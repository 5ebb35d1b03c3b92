// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import io.millrace.bench.BenchException;
import io.millrace.common.streams.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Straight to a topic, with the services' own producer settings: the limit of any way in. */
public final class KafkaSender implements Sender, AutoCloseable {
  private final Producer<byte[], byte[]> producer;
  private final String topic;

  /** Sends to that topic, without keys. */
  public KafkaSender(KafkaSettings kafka, String topic) {
    this.producer =
        new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());
    this.topic = topic;
  }

  @Override
  public void send(List<Message> events) {
    List<Future<RecordMetadata>> sent = new ArrayList<>(events.size());
    for (Message event : events) {
      byte[] value = event.body().getBytes(StandardCharsets.UTF_8);
      sent.add(producer.send(new ProducerRecord<>(topic, value)));
    }
    try {
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new BenchException("Kafka refused an event: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while sending", e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
