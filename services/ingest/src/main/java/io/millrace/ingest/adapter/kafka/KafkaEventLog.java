// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.kafka;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.telemetry.TraceHeaders;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.ingest.intake.EventLog;
import io.millrace.ingest.intake.IntakeUnavailableException;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Accepted events and dead letters on Kafka. Its producer gives up earlier than the platform's, so
 * that what a process may still write is over before its lease is.
 */
public final class KafkaEventLog implements EventLog, AutoCloseable {
  /** The longest that a write takes from its beginning to its certain end. */
  public static final Duration DELIVERY_MAX = Duration.ofSeconds(18);

  // Handing over, at most one blocked hand-over beyond it, and delivery add up to DELIVERY_MAX.
  private static final Duration HANDING_OVER_MAX = Duration.ofSeconds(4);
  private static final Duration BLOCK_MAX = Duration.ofSeconds(3);
  private static final Duration IN_FLIGHT_MAX = Duration.ofSeconds(11);
  private static final Duration REQUEST_MAX = Duration.ofSeconds(4);
  private static final int MAX_REQUEST_BYTES = 1 << 20;
  private static final int TRACED_ROWS_MAX = 100;

  private final Producer<byte[], byte[]> producer;
  private final Publisher publisher;
  private final KafkaLogSearch search;
  private final Tracer tracer;

  public KafkaEventLog(KafkaSettings settings, Tracer tracer) {
    Map<String, Object> config = new HashMap<>(settings.producer());
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) IN_FLIGHT_MAX.toMillis());
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST_MAX.toMillis());
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MAX.toMillis());
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
    this.producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    this.publisher = new Publisher(producer);
    this.search = new KafkaLogSearch(settings);
    this.tracer = tracer;
  }

  @Override
  public void write(
      String app, String event, List<Entry<Event>> events, List<Entry<EventRejected>> rejected) {
    if (events.isEmpty() && rejected.isEmpty()) {
      return;
    }
    Topics topics = new Topics(app);
    Topic<String, Event> accepted = topics.events(event);
    Topic<String, EventRejected> letters = topics.rejected();
    Span span =
        tracer
            .spanBuilder(accepted.name() + " publish")
            .setSpanKind(SpanKind.PRODUCER)
            .setAttribute("messaging.system", "kafka")
            .setAttribute("messaging.destination.name", accepted.name())
            .setAttribute("messaging.batch.message_count", events.size() + rejected.size())
            .startSpan();
    Context shared = shared(span, events.size() + rejected.size());
    List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
    long startNanos = System.nanoTime();
    try {
      for (Entry<Event> entry : events) {
        checkTime(startNanos);
        sent.add(send(shared, accepted, entry.value().key(), entry));
      }
      for (Entry<EventRejected> entry : rejected) {
        checkTime(startNanos);
        sent.add(send(shared, letters, entry.value().eventId(), entry));
      }
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
          .get(DELIVERY_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      span.setStatus(StatusCode.ERROR);
      throw new IntakeUnavailableException("Kafka does not acknowledge", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IntakeUnavailableException("interrupted", e);
    } finally {
      span.end();
    }
  }

  private static void checkTime(long startNanos) throws TimeoutException {
    if (System.nanoTime() - startNanos > HANDING_OVER_MAX.toNanos()) {
      throw new TimeoutException("the producer's buffer stays full");
    }
  }

  /**
   * The trace that the records carry on. That of a large batch is not carried on: thousands of
   * events would make one trace that nobody can read.
   */
  private static Context shared(Span span, int rows) {
    Context context = Context.current().with(span);
    if (rows <= TRACED_ROWS_MAX) {
      return context;
    }
    SpanContext of = span.getSpanContext();
    return context.with(
        Span.wrap(
            SpanContext.create(
                of.getTraceId(), of.getSpanId(), TraceFlags.getDefault(), of.getTraceState())));
  }

  private <T> CompletableFuture<RecordMetadata> send(
      Context shared, Topic<String, T> topic, @Nullable String key, Entry<T> entry) {
    String traceparent = entry.traceparent();
    if (traceparent == null) {
      try (Scope ignored = shared.makeCurrent()) {
        return publisher.send(topic, key, entry.value());
      }
    }
    RecordHeaders carried = new RecordHeaders();
    carried.add("traceparent", traceparent.getBytes(StandardCharsets.UTF_8));
    Span span =
        tracer
            .spanBuilder(topic.name() + " publish")
            .setSpanKind(SpanKind.PRODUCER)
            .setParent(TraceHeaders.extract(carried))
            .startSpan();
    try (Scope ignored = span.makeCurrent()) {
      return publisher
          .send(topic, key, entry.value())
          .whenComplete((metadata, failure) -> span.end());
    }
  }

  @Override
  public Set<String> findAccepted(
      String app, String event, Map<String, @Nullable String> keys, long fromMs) {
    return search.accepted(new Topics(app).events(event), keys, fromMs);
  }

  @Override
  public Set<String> findRejected(String app, String event, Set<String> ids, long fromMs) {
    return search.rejected(new Topics(app).rejected(), event, ids, fromMs);
  }

  @Override
  public void close() {
    producer.close(DELIVERY_MAX);
  }
}
