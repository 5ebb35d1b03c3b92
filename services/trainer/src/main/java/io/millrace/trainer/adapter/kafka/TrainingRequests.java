// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.kafka;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.serde.JsonSerde;
import io.millrace.common.telemetry.TraceHeaders;
import io.millrace.common.topic.Topics;
import io.millrace.trainer.run.RunMeter;
import io.millrace.trainer.run.RunQueue;
import io.millrace.trainer.run.RunRecord;
import io.millrace.trainer.run.RunStore;
import io.millrace.trainer.run.TrainingRun;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.support.Acknowledgment;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;

/**
 * Takes requests from {@code <app>.training} into the queue. The offset of a request is committed
 * after its run has ended: a run that the process does not survive is delivered again.
 */
public final class TrainingRequests implements Consumer<Message<byte[]>> {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRequests.class);
  private static final Pattern RUN_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}");
  private static final Duration PUBLISH_TIMEOUT = Duration.ofSeconds(30);
  private static final String SUFFIX = ".training";

  private final JsonSerde<TrainingRequested> serde = new JsonSerde<>(TrainingRequested.class);
  private final RunQueue queue;
  private final TrainingRun runs;
  private final RunStore store;
  private final RunMeter meter;
  private final Publisher publisher;
  private final Tracer tracer;
  private final InstantSource clock;

  public TrainingRequests(
      RunQueue queue,
      TrainingRun runs,
      RunStore store,
      RunMeter meter,
      Publisher publisher,
      Tracer tracer,
      InstantSource clock) {
    this.queue = queue;
    this.runs = runs;
    this.store = store;
    this.meter = meter;
    this.publisher = publisher;
    this.tracer = tracer;
    this.clock = clock;
  }

  @Override
  public void accept(Message<byte[]> message) {
    Acknowledgment acknowledgment =
        message.getHeaders().get(KafkaHeaders.ACKNOWLEDGMENT, Acknowledgment.class);
    if (acknowledgment == null) {
      throw new IllegalStateException("the binding must have ack-mode MANUAL");
    }
    meter.requested();
    TrainingRequested request;
    try {
      request = read(message);
    } catch (SerializationException | IllegalArgumentException e) {
      reject(message, String.valueOf(e.getMessage()));
      acknowledgment.acknowledge();
      return;
    }
    if (store.find(request.app(), request.runId()).isEmpty()) {
      store.save(RunRecord.queued(request));
    }
    try {
      queue.submit(new RequestedRun(request, context(message), acknowledgment));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("stopped before the request was queued", e);
    }
  }

  @SuppressWarnings("ConstantValue") // JSON may leave out what the record's type promises
  private TrainingRequested read(Message<byte[]> message) {
    TrainingRequested request = serde.fromBytes(message.getPayload());
    if (request == null || request.app() == null || request.runId() == null) {
      throw new IllegalArgumentException("a training request needs app and runId");
    }
    if (!RUN_ID.matcher(request.runId()).matches()) {
      throw new IllegalArgumentException("runId must match " + RUN_ID);
    }
    if (!(request.app() + SUFFIX).equals(topic(message))) {
      throw new IllegalArgumentException(
          "a request for application '" + request.app() + "' on " + topic(message));
    }
    if (request.requestedBy() == null || request.reason() == null) {
      throw new IllegalArgumentException("a training request needs requestedBy and reason");
    }
    return request;
  }

  private void reject(Message<byte[]> message, String why) {
    String topic = topic(message);
    LOG.warn("training request on {} rejected: {}", topic, why);
    meter.rejected();
    String app = topic.substring(0, Math.max(0, topic.length() - SUFFIX.length()));
    String origin =
        topic
            + "/"
            + message.getHeaders().get(KafkaHeaders.RECEIVED_PARTITION)
            + "/"
            + message.getHeaders().get(KafkaHeaders.OFFSET);
    publisher.publish(
        new Topics(app).rejected(),
        origin,
        new EventRejected(
            app, origin, null, "trainer", "malformed", null, why, origin, null, clock.millis()),
        PUBLISH_TIMEOUT);
  }

  private static String topic(Message<byte[]> message) {
    return String.valueOf(message.getHeaders().get(KafkaHeaders.RECEIVED_TOPIC));
  }

  private static Context context(Message<byte[]> message) {
    Headers headers = new RecordHeaders();
    Object parent = message.getHeaders().get("traceparent");
    if (parent instanceof byte[] bytes) {
      headers.add("traceparent", bytes);
    } else if (parent != null) {
      headers.add("traceparent", parent.toString().getBytes(StandardCharsets.UTF_8));
    }
    return TraceHeaders.extract(headers);
  }

  private final class RequestedRun implements RunQueue.Job {
    private final TrainingRequested request;
    private final Context parent;
    private final Acknowledgment acknowledgment;

    RequestedRun(TrainingRequested request, Context parent, Acknowledgment acknowledgment) {
      this.request = request;
      this.parent = parent;
      this.acknowledgment = acknowledgment;
    }

    @Override
    public void run() throws InterruptedException {
      Span span =
          tracer
              .spanBuilder("training run")
              .setParent(parent)
              .setSpanKind(SpanKind.CONSUMER)
              .setAttribute("millrace.app", request.app())
              .setAttribute("millrace.run", request.runId())
              .startSpan();
      try (Scope _ = span.makeCurrent()) {
        RunRecord record = runs.execute(request);
        span.setAttribute("millrace.run.state", record.state().name());
      } catch (RuntimeException | InterruptedException e) {
        span.setStatus(StatusCode.ERROR, String.valueOf(e));
        throw e;
      } finally {
        span.end();
      }
    }

    @Override
    public void acknowledge() {
      acknowledgment.acknowledge();
    }
  }
}
