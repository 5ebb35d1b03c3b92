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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;

/**
 * The feature-store service, and Kafka Streams applications beside it, over the same backlog of
 * accepted events on the same broker: what was produced before is worked through from the
 * beginning. Not thread-safe.
 */
final class StreamRun implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration WITHIN = Duration.ofMinutes(5);
  private static final String OUT = "bench.out";
  private static final long ADMIN_SECONDS = 30;

  /** Stream threads of the service and of each peer. */
  private static final String THREADS = "2";

  /** As the service commits while it works through a backlog. */
  private static final int COMMIT_MS = 3_000;

  /** Records of a partition at hand, as in the service. */
  private static final int BUFFERED_RECORDS = 4_000;

  /** As in the service. */
  private static final int BATCH_BYTES = 128 * 1024;

  /** As in the service: exactly once, nobody sees an answer before its commit. */
  private static final int LINGER_EXACT_MS = 50;

  private static final int LINGER_MS = 5;

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

  /**
   * Starts the service from the beginning of the backlog and watches it; then stops it.
   *
   * @param guarantee as the service's configuration names it
   * @throws BenchException where there are fewer answers than events
   */
  Throughput ofService(String guarantee) {
    forgetProgress();
    long answersBefore = answers();
    stack
        .stack()
        .restart(
            Service.FEATURE_STORE,
            Map.of("MILLRACE_PROCESSING_GUARANTEE", guarantee, "MILLRACE_STREAM_THREADS", THREADS));
    try {
      awaitInForce();
      lastApplied = 0;
      Throughput throughput =
          Throughput.watch(this::applied, events, service().pid().orElseThrow());
      long answered = answers() - answersBefore;
      if (answered < lastApplied) {
        throw new BenchException(answered + " answers to " + lastApplied + " events");
      }
      return throughput;
    } finally {
      service().stop();
    }
  }

  /** Ends of the answers' topic together; what marks a commit counts as well. */
  private long answers() {
    try (Admin admin = Admin.create(stack.kafka().admin())) {
      String name = new Topics(what.app()).features().name();
      Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
      for (int partition = 0; partition < Topics.PARTITIONS; partition++) {
        asked.put(new TopicPartition(name, partition), OffsetSpec.latest());
      }
      return get(admin.listOffsets(asked).all()).values().stream()
          .mapToLong(ListOffsetsResultInfo::offset)
          .sum();
    }
  }

  /** Makes the service begin anew: without offsets, changelogs and local state. */
  private void forgetProgress() {
    String prefix = what.app() + "-feature-store-";
    try (Admin admin = Admin.create(stack.kafka().admin())) {
      List<String> groups =
          get(admin.listGroups().valid()).stream()
              .map(GroupListing::groupId)
              .filter(group -> group.startsWith(prefix))
              .toList();
      // A static member stays in its group until its session ends.
      Waiting.until(
          () ->
              get(admin.describeConsumerGroups(groups).all()).values().stream()
                  .allMatch(group -> group.members().isEmpty()),
          LOOK,
          WITHIN,
          "the group to be empty");
      get(admin.deleteConsumerGroups(groups).all());
      get(
          admin
              .deleteTopics(
                  get(admin.listTopics().names()).stream()
                      .filter(topic -> topic.startsWith(prefix))
                      .toList())
              .all());
    }
    deleteRecursively(stack.stack().folder().services().resolve("feature-store/streams"));
  }

  private static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get(ADMIN_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new BenchException("Kafka: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }

  private static void deleteRecursively(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs a peer in this JVM, from the beginning of the backlog, and watches it. Its clients are set
   * as the service sets its own: what a commit, a poll or a batch costs is not what is compared.
   */
  Throughput ofStreams(StreamPeer peer) {
    AtomicLong count = new AtomicLong();
    StreamsBuilder builder = new StreamsBuilder();
    peer.topology().accept(builder, new StreamPeer.Ends(topic().name(), OUT, count));
    // Beside the stack's own files, and removed with them.
    Path folder = stack.stack().folder().root().resolve("peers");
    Properties settings = stack.kafka().streams("bench-peer-" + peers++, folder);
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, peer.guarantee());
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, THREADS);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_MS);
    settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, BUFFERED_RECORDS);
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), BUFFERED_RECORDS);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG),
        peer.guarantee().equals(StreamBench.EXACTLY_ONCE) ? LINGER_EXACT_MS : LINGER_MS);
    try (KafkaStreams streams = new KafkaStreams(builder.build(), settings)) {
      streams.start();
      return Throughput.watch(count::get, events, ProcessHandle.current().pid());
    }
  }

  @Override
  public void close() {
    stack.close();
  }
}
