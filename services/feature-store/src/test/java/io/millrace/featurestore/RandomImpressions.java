// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import io.millrace.common.contract.Event;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends impressions of items to users, the same at each run, and knows which. Not thread-safe. */
public final class RandomImpressions implements AutoCloseable {
  private static final int ITEMS = 9;
  private static final long STEP_MS = 2_000;

  private final String app;
  private final int users;
  private final Topics topics;
  private final Producer<byte[], byte[]> producer;
  private final List<Event> sent = new ArrayList<>();

  public RandomImpressions(String app, int users, KafkaSettings kafka) {
    this.app = app;
    this.users = users;
    this.topics = new Topics(app);
    this.producer =
        new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Sends so many more, and waits until they are taken. */
  public void send(int count) {
    Random random = new Random(sent.size());
    for (int i = 0; i < count; i++) {
      int number = sent.size();
      Event event =
          Definitions.impression(
              app,
              "i" + number,
              "u" + random.nextInt(users),
              "item" + random.nextInt(ITEMS),
              Definitions.T0 + number * STEP_MS,
              random.nextInt(1_000) / 8.0);
      sent.add(event);
      Topic<String, Event> topic = topics.events(event.name());
      RecordHeaders headers = new RecordHeaders();
      byte[] value = topic.valueSerde().serializer().serialize(topic.name(), headers, event);
      byte[] key = topic.keySerde().serializer().serialize(topic.name(), event.key());
      producer.send(new ProducerRecord<>(topic.name(), null, null, key, value, headers));
    }
    producer.flush();
  }

  /** All that were sent, in order. */
  public List<Event> sent() {
    return sent;
  }

  @Override
  public void close() {
    producer.close();
  }
}
