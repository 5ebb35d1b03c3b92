// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.bench.stack.BenchStack;
import io.millrace.bench.stack.Throughput;
import io.millrace.bench.stack.Waiting;
import io.millrace.cli.stack.Service;
import io.millrace.cli.stack.ServiceProcess;
import io.millrace.common.contract.Event;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.TopicCreation;
import io.millrace.common.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;

/**
 * The feature-store service, and Kafka Streams applications beside it, over the same backlog of
 * accepted events on the same broker: what was produced before is worked through from the
 * beginning, exactly once. Not thread-safe.
 */
final class StreamRun implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration WITHIN = Duration.ofMinutes(5);
  private static final String OUT = "bench.out";
  private static final double LEAST_SHARE = 0.1;

  private final BenchStack stack;
  private final StreamCase what;
  private long events;
  private long lastApplied;
  private int peers;

  /** Starts a stack with the application in force and its events on their topic. */
  StreamRun(BenchRun run, StreamCase what) {
    this.what = what;
    this.stack = BenchStack.start(run, EnumSet.of(Service.INGEST, Service.FEATURE_STORE));
    try {
      stack.apply(what.app(), what.definition().getBytes(StandardCharsets.UTF_8));
      awaitInForce();
      service().stop();
      fill();
      run.say("  %,d events on %s".formatted(events, topic().name()));
    } catch (RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  private Topic<String, Event> topic() {
    return new Topics(what.app()).events(what.event());
  }

  private ServiceProcess service() {
    return stack.stack().service(Service.FEATURE_STORE);
  }

  private void awaitInForce() {
    Waiting.until(() -> stack.applied(what.app()) >= 0, LOOK, WITHIN, what.app() + " in force");
  }

  private void fill() {
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    try (Producer<String, Event> producer =
        new KafkaProducer<>(
            stack.kafka().producer(), new StringSerializer(), topic().valueSerde().serializer())) {
      what.source()
          .each(
              event -> {
                producer.send(
                    new ProducerRecord<>(
                        topic().name(), null, event.eventTimeMs(), event.key(), event),
                    (done, problem) -> failure.compareAndSet(null, problem));
                events++;
              });
    }
    Exception refused = failure.get();
    if (refused != null) {
      throw new BenchException("Kafka refused an event: " + refused, refused);
    }
    try (Admin admin = Admin.create(stack.kafka().admin())) {
      TopicCreation.ensure(
          admin,
          List.of(
              new Topic<>(
                  OUT,
                  Serdes.ByteArray(),
                  Serdes.ByteArray(),
                  Topics.PARTITIONS,
                  null,
                  false,
                  "benchmarks")),
          Duration.ofSeconds(30));
    }
  }

  private long applied() {
    lastApplied = Math.max(lastApplied, stack.applied(what.app()));
    return lastApplied;
  }

  /** Whether enough of the backlog is left for the service to be measured once more. */
  boolean isLeft() {
    return events - lastApplied > LEAST_SHARE * events;
  }

  /**
   * Starts the service and watches it; then stops it. Each call goes on where the one before left
   * the backlog.
   */
  Throughput ofService() {
    stack.stack().restart(Service.FEATURE_STORE);
    try {
      awaitInForce();
      return Throughput.watch(this::applied, events, service().pid().orElseThrow());
    } finally {
      service().stop();
    }
  }

  /**
   * Runs a Kafka Streams application in this JVM, from the beginning of the backlog, and watches
   * it.
   *
   * @param topology given a builder and the name of the topic; writes to {@value #OUT}
   */
  Throughput ofStreams(BiConsumer<StreamsBuilder, Counted> topology) {
    AtomicLong count = new AtomicLong();
    StreamsBuilder builder = new StreamsBuilder();
    topology.accept(builder, new Counted(topic().name(), OUT, count));
    // Beside the stack's own files, and removed with them.
    Path folder = stack.stack().folder().root().resolve("peers");
    Properties settings = stack.kafka().streams("bench-peer-" + peers++, folder);
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    try (KafkaStreams streams = new KafkaStreams(builder.build(), settings)) {
      streams.start();
      return Throughput.watch(count::get, events, ProcessHandle.current().pid());
    }
  }

  /**
   * Ends of a peer's topology.
   *
   * @param in topic to read
   * @param out topic to write
   * @param count to be incremented for each event
   */
  record Counted(String in, String out, AtomicLong count) {}

  @Override
  public void close() {
    stack.close();
  }
}
