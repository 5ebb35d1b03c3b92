// SPDX-License-Identifier: Apache-2.0
package io.millrace.example.yarnit;

import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Plain JSON on {@code <app>.raw.<event>}, as a producer without HTTP writes it. */
final class KafkaSink implements EventSink {
  private static final long TIMEOUT_S = 30;

  private final Topics topics;
  private final Producer<byte[], byte[]> producer;

  KafkaSink(String bootstrapServers, String app) {
    this.topics = new Topics(app);
    this.producer =
        new KafkaProducer<>(
            new KafkaSettings(bootstrapServers).producer(),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @Override
  public void send(String event, List<String> json) throws IOException, InterruptedException {
    List<Future<RecordMetadata>> sent = new ArrayList<>(json.size());
    for (String each : json) {
      sent.add(
          producer.send(
              new ProducerRecord<>(
                  topics.raw(event).name(), each.getBytes(StandardCharsets.UTF_8))));
    }
    try {
      for (Future<RecordMetadata> each : sent) {
        each.get(TIMEOUT_S, TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("Kafka did not take the events: " + e, e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
