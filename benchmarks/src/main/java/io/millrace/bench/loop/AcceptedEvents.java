// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.loop;

import io.millrace.bench.BenchException;
import io.millrace.bench.stack.BenchStack;
import io.millrace.bench.stack.DeviceViews;
import io.millrace.common.contract.Event;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Accepted events of devices, put onto their topic as ingest would: what the feature store takes
 * can be measured apart from what ingest takes. Thread-safe.
 */
final class AcceptedEvents implements AutoCloseable {
  static final String APP = "fresh";

  private static final int DEVICES = 10_000;
  private static final long TICK_NANOS = 10_000_000;

  private final InstantSource clock;
  private final Topic<String, Event> topic = new Topics(APP).events(DeviceViews.EVENT);
  private final Producer<String, Event> producer;

  AcceptedEvents(BenchStack stack, InstantSource clock) {
    this.clock = clock;
    this.producer =
        new KafkaProducer<>(
            stack.kafka().producer(), new StringSerializer(), topic.valueSerde().serializer());
  }

  private ProducerRecord<String, Event> event(String device, String id, double reading) {
    long now = clock.millis();
    Event event =
        new Event(
            APP,
            DeviceViews.EVENT,
            id,
            device,
            now,
            now,
            Map.of("id", id, "device", device, "reading", reading));
    return new ProducerRecord<>(topic.name(), null, now, device, event);
  }

  /** Sends an event of one device and waits until the broker has it. */
  void sendAndWait(String device) {
    try {
      producer.send(event(device, "probe-" + device, 1)).get();
    } catch (ExecutionException e) {
      throw new BenchException("Kafka refused an event: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while sending", e);
    }
  }

  /** Sends events of many devices at a rate, some each 10 ms; returns when the time is over. */
  void sendAtRate(double rate, Duration time, String name) {
    SplittableRandom random = new SplittableRandom(5);
    long begin = System.nanoTime();
    int sent = 0;
    for (long tick = 1; tick * TICK_NANOS <= time.toNanos(); tick++) {
      long due = begin + tick * TICK_NANOS;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      for (int until = (int) (tick * TICK_NANOS / 1e9 * rate); sent < until; sent++) {
        producer.send(
            event(
                "device-" + random.nextInt(DEVICES),
                name + "-" + sent,
                random.nextInt(10_000) / 100.0));
      }
    }
    producer.flush();
  }

  @Override
  public void close() {
    producer.close();
  }
}
