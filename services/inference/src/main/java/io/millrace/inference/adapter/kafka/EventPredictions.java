// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.kafka;

import io.millrace.common.contract.PredictionServed;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.telemetry.TraceHeaders;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.inference.model.ModelDirectory;
import io.millrace.inference.model.Route;
import io.millrace.inference.serving.Predictor;
import io.millrace.inference.serving.ServingMeter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Predictions on deciding events and on asynchronous requests of one application. Read, predict and
 * write happen in one Kafka transaction per batch, so that whatever dies and restarts, every
 * deciding event after the first champion has exactly one committed prediction. Owns one thread.
 */
public final class EventPredictions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventPredictions.class);
  private static final int BATCH_MAX = 500;
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LOADING_POLL = Duration.ofMillis(20);
  private static final String NO_CHAMPION = "the application has no champion to answer yet";

  private final ApplicationDefinition definition;
  private final Topics topics;
  private final KafkaSettings settings;
  private final String instance;
  private final ModelDirectory models;
  private final ModelsCatchUp catchUp;
  private final Predictor predictor;
  private final ServingMeter meter;
  private final Tracer tracer;
  private final InstantSource clock;
  private final Duration featureDeadline;
  private final IncomingReader incoming;
  private final Rejections rejections;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Consumer<byte[], byte[]> consumer;

  /** Waits until the model directory knows everything that stood on the topic. */
  public interface ModelsCatchUp {
    /** Returns true once caught up; false where it was interrupted by {@code stopped}. */
    boolean await(String app, CountDownLatch stopped) throws InterruptedException;
  }

  public EventPredictions(
      ApplicationDefinition definition,
      KafkaSettings settings,
      String instance,
      ModelDirectory models,
      ModelsCatchUp catchUp,
      Predictor predictor,
      Pseudonymiser pseudonymiser,
      ServingMeter meter,
      Tracer tracer,
      InstantSource clock,
      Duration featureDeadline) {
    this.definition = definition;
    this.topics = new Topics(definition.name());
    this.settings = settings;
    this.instance = instance;
    this.models = models;
    this.catchUp = catchUp;
    this.predictor = predictor;
    this.meter = meter;
    this.tracer = tracer;
    this.clock = clock;
    this.featureDeadline = featureDeadline;
    this.incoming = new IncomingReader(definition, pseudonymiser);
    this.rejections = new Rejections(definition, clock);
    this.thread = Thread.ofPlatform().name("predictions-" + definition.name()).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    try {
      if (!catchUp.await(definition.name(), stopped)) {
        return;
      }
      models.caughtUp(definition.name());
      while (stopped.getCount() > 0) {
        try {
          consume();
        } catch (WakeupException e) {
          return;
        } catch (KafkaException e) {
          LOG.warn("application {}: predictions pause", definition.name(), e);
          if (stopped.await(PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("application {}: predictions on events have stopped", definition.name(), e);
    }
  }

  private void consume() {
    Map<String, Object> reading = settings.consumer(definition.name() + "-inference");
    reading.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BATCH_MAX);
    reading.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
    Map<String, Object> writing = settings.producer();
    writing.put(
        ProducerConfig.TRANSACTIONAL_ID_CONFIG, definition.name() + "-inference-" + instance);
    writing.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 20_000);
    writing.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    try (Consumer<byte[], byte[]> reader =
            new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Producer<byte[], byte[]> writer =
            new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer())) {
      consumer = reader;
      writer.initTransactions();
      List<String> sources = new ArrayList<>();
      sources.add(topics.requests().name());
      if (definition.label() != null) {
        sources.add(topics.events(definition.label().decidedAt()).name());
      }
      reader.subscribe(sources);
      while (stopped.getCount() > 0) {
        ConsumerRecords<byte[], byte[]> records = reader.poll(POLL);
        if (!records.isEmpty()) {
          process(reader, writer, records);
        }
      }
    } finally {
      consumer = null;
    }
  }

  private void process(
      Consumer<byte[], byte[]> reader,
      Producer<byte[], byte[]> writer,
      ConsumerRecords<byte[], byte[]> records) {
    if (!models.hasChampion(definition.name())) {
      skip(reader, writer, records);
      return;
    }
    try (ModelDirectory.Lease lease = models.lease(definition.name())) {
      if (lease.route().champion() != null) {
        answer(lease.route(), reader, writer, records);
        return;
      }
    }
    rewind(reader, records);
    awaitChampion(reader);
  }

  /** No champion yet: events are passed over, but whoever asked is told so. */
  private void skip(
      Consumer<byte[], byte[]> reader,
      Producer<byte[], byte[]> writer,
      ConsumerRecords<byte[], byte[]> records) {
    List<ConsumerRecord<byte[], byte[]>> asked = new ArrayList<>();
    records.records(topics.requests().name()).forEach(asked::add);
    if (asked.isEmpty()) {
      reader.commitSync();
    } else {
      inTransaction(
          writer,
          () -> {
            asked.forEach(record -> writer.send(rejections.of(record, "no-champion", NO_CHAMPION)));
            writer.sendOffsetsToTransaction(next(records), reader.groupMetadata());
          });
      meter.rejected(definition.name(), asked.size());
    }
    meter.skipped(definition.name(), records.count() - asked.size());
  }

  private void answer(
      Route route,
      Consumer<byte[], byte[]> reader,
      Producer<byte[], byte[]> writer,
      ConsumerRecords<byte[], byte[]> records) {
    Batch batch = read(records);
    inTransaction(
        writer,
        () -> {
          batch.rejected().forEach(writer::send);
          batch.bySource().forEach((source, incoming) -> predict(route, source, incoming, writer));
          writer.sendOffsetsToTransaction(next(records), reader.groupMetadata());
        });
    String app = definition.name();
    long now = clock.millis();
    meter.rejected(app, batch.rejected().size());
    batch
        .bySource()
        .forEach(
            (source, incoming) ->
                meter.served(
                    app,
                    source,
                    incoming.size(),
                    incoming.stream()
                        .mapToLong(each -> now - each.question().receivedAtMs())
                        .max()
                        .orElse(0)));
  }

  /** After a failure both clients are closed, and new ones go on from what was committed last. */
  private static void inTransaction(Producer<byte[], byte[]> writer, Runnable work) {
    writer.beginTransaction();
    try {
      work.run();
      writer.commitTransaction();
    } catch (RuntimeException e) {
      abort(writer);
      throw e instanceof KafkaException ? e : new KafkaException("prediction failed", e);
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> next(
      ConsumerRecords<byte[], byte[]> records) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (TopicPartition partition : records.partitions()) {
      offsets.put(
          partition, new OffsetAndMetadata(records.records(partition).getLast().offset() + 1));
    }
    return offsets;
  }

  private static void abort(Producer<byte[], byte[]> writer) {
    try {
      writer.abortTransaction();
    } catch (KafkaException e) {
      LOG.warn("abort of a transaction failed; the next producer settles it: {}", e.toString());
    }
  }

  private static void rewind(
      Consumer<byte[], byte[]> reader, ConsumerRecords<byte[], byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      reader.seek(partition, records.records(partition).getFirst().offset());
    }
  }

  /**
   * A champion is declared; waits for it to be loaded, without leaving the consumer group. What is
   * read meanwhile (partitions may come while we wait) is read again afterwards; what was in hand
   * may belong to another instance by then and must not be answered here.
   */
  private void awaitChampion(Consumer<byte[], byte[]> reader) {
    try {
      while (stopped.getCount() > 0 && models.route(definition.name()).champion() == null) {
        reader.pause(reader.assignment());
        rewind(reader, reader.poll(LOADING_POLL));
      }
    } finally {
      reader.resume(reader.assignment());
    }
  }

  private record Batch(
      Map<String, List<Incoming>> bySource, List<ProducerRecord<byte[], byte[]>> rejected) {}

  private Batch read(ConsumerRecords<byte[], byte[]> records) {
    Map<String, List<Incoming>> bySource = new LinkedHashMap<>();
    List<ProducerRecord<byte[], byte[]>> rejected = new ArrayList<>();
    String requests = topics.requests().name();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      boolean async = record.topic().equals(requests);
      try {
        bySource
            .computeIfAbsent(async ? "async" : "event", ignored -> new ArrayList<>())
            .add(async ? incoming.request(record) : incoming.event(record));
      } catch (SerializationException e) {
        rejected.add(rejections.of(record, "malformed", String.valueOf(e.getMessage())));
      }
    }
    bySource.values().removeIf(List::isEmpty);
    return new Batch(bySource, rejected);
  }

  private void predict(
      Route route, String source, List<Incoming> incoming, Producer<byte[], byte[]> writer) {
    String app = definition.name();
    Predictor.Answers answers;
    List<Span> spans = new ArrayList<>(incoming.size());
    for (Incoming each : incoming) {
      spans.add(
          tracer
              .spanBuilder("predict " + app)
              .setSpanKind(SpanKind.CONSUMER)
              .setParent(each.context())
              .setAttribute("millrace.prediction.id", each.question().predictionId())
              .startSpan());
    }
    try (var ignored = spans.getFirst().makeCurrent()) {
      answers =
          predictor.predict(
              app,
              route,
              incoming.stream().map(Incoming::question).toList(),
              source,
              featureDeadline);
    } finally {
      spans.forEach(Span::end);
    }
    Map<String, Incoming> byId = new HashMap<>();
    for (int i = 0; i < incoming.size(); i++) {
      PredictionServed served = answers.answers().get(i);
      if (served.fallback() != null) {
        meter.fallback(app, served.fallback(), 1);
      }
      byId.put(served.predictionId(), incoming.get(i));
      send(writer, incoming.get(i).key(), served, incoming.get(i).context().with(spans.get(i)));
    }
    for (PredictionServed shadow : answers.shadows()) {
      Incoming origin = byId.get(shadow.predictionId());
      if (origin != null) {
        send(writer, origin.key(), shadow, origin.context());
      }
    }
  }

  private void send(
      Producer<byte[], byte[]> writer,
      @Nullable String key,
      PredictionServed served,
      Context context) {
    Topic<String, PredictionServed> topic = topics.predictions();
    Headers headers = new RecordHeaders();
    TraceHeaders.inject(context, headers);
    writer.send(
        new ProducerRecord<>(
            topic.name(),
            null,
            null,
            key == null ? null : topic.keySerde().serializer().serialize(topic.name(), key),
            topic.valueSerde().serializer().serialize(topic.name(), headers, served),
            headers));
  }

  @Override
  public void close() {
    stopped.countDown();
    try {
      if (!thread.join(CLOSE_TIMEOUT)) {
        Consumer<byte[], byte[]> reader = consumer;
        if (reader != null) {
          reader.wakeup();
        }
        thread.join(CLOSE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
