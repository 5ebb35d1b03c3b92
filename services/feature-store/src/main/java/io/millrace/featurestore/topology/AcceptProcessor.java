// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityKey;
import io.opentelemetry.api.trace.SpanKind;
import java.util.Set;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of one events' topic. What is not an event, or lacks the key of an entity it needs,
 * goes on as {@link Outcome.Poison}; an event behind the stream time of its partition by more than
 * the allowed lateness is marked late. Stream time is the greatest event time so far, in log order,
 * so that a replay decides the same; an event from the future counts as of when it became known.
 */
final class AcceptProcessor implements Processor<byte[], byte[], String, Outcome> {
  static final String SERVICE = "feature-store";
  private static final int PAYLOAD_MAX = 16 * 1024;

  /**
   * Kafka takes records up to 1 MB, headers and key among it. The broker would refuse a larger one,
   * its event come again, and everything behind it wait.
   */
  static final int RECORD_BYTES_MAX = 960 * 1024;

  private final ApplicationDefinition definition;
  private final String event;
  private final Set<String> entities;
  private final Collaborators with;
  private final String clockStore;
  private final long latenessMs;
  private final Spans spans;
  private final String accepted;
  private final @Nullable String poison;
  private final Deserializer<Event> deserializer;
  private final CommitPace pace;
  private @Nullable ProcessorContext<String, Outcome> context;
  private @Nullable StreamClock streamClock;

  /**
   * @param entities entities whose key every event must have
   * @param reportsPoison whether there is a {@link #poisonNode}
   * @param deserializer reads at least the fields that what follows needs
   */
  AcceptProcessor(
      ApplicationDefinition definition,
      String event,
      Set<String> entities,
      boolean reportsPoison,
      Deserializer<Event> deserializer,
      String clockStore,
      Collaborators with) {
    this.definition = definition;
    this.event = event;
    this.entities = entities;
    this.accepted = acceptedNode(event);
    this.poison = reportsPoison ? poisonNode(event) : null;
    this.deserializer = deserializer;
    this.clockStore = clockStore;
    this.with = with;
    this.pace = new CommitPace(with.clock());
    this.latenessMs = definition.event(event).lateness().toMillis();
    this.spans = new Spans(with.tracer());
  }

  /** Name of the node that takes events; to name it spares the other one a visit. */
  static String acceptedNode(String event) {
    return "accepted-" + event;
  }

  /** Name of the node that takes what is no event. */
  static String poisonNode(String event) {
    return "poison-" + event;
  }

  @Override
  public void init(ProcessorContext<String, Outcome> processorContext) {
    context = processorContext;
    CommitStore store = processorContext.getStateStore(clockStore);
    StreamClock own = new StreamClock(store);
    streamClock = own;
    store.beforeCommit(own::save);
    pace.start(processorContext);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (context == null || streamClock == null) {
      throw new IllegalStateException("not initialised");
    }
    ProcessorContext<String, Outcome> target = context;
    StreamClock clock = streamClock;
    pace.record(record.timestamp());
    clock.at(origin(target).offset());
    if (record.value() != null && record.value().length > RECORD_BYTES_MAX) {
      String message = record.value().length + " bytes; an event has at most " + RECORD_BYTES_MAX;
      poison(target, record, "too-large", null, message);
      return;
    }
    Event read;
    try {
      read = deserializer.deserialize("", record.headers(), record.value());
    } catch (SerializationException e) {
      poison(target, record, "malformed", null, String.valueOf(e.getMessage()));
      return;
    }
    if (read == null) {
      poison(target, record, "malformed", null, "the record has no value");
      return;
    }
    for (String entity : entities) {
      String key = definition.entityKey(entity, read.data());
      if (key == null) {
        poison(target, record, "missing-key", entity, "no key of entity '" + entity + "'");
        return;
      }
      String broken = EntityKey.broken(key);
      if (broken != null) {
        // No store could hold it, and everything behind it would wait.
        poison(target, record, broken, entity, EntityKey.rule(broken));
        return;
      }
    }
    boolean late =
        clock.timeMs() != Long.MIN_VALUE
            && read.eventTimeMs()
                < Math.max(clock.timeMs(), Long.MIN_VALUE + latenessMs) - latenessMs;
    Outcome.Accepted outcome = new Outcome.Accepted(read, late, record.value());
    // A producer whose clock is ahead must not make everybody else late.
    clock.advance(Math.min(read.eventTimeMs(), outcome.knownAtMs(record.timestamp())));
    if (late) {
      with.measures().late(definition.name(), event, 1);
    }
    String key = read.key() == null ? read.id() : read.key();
    spans.around(
        "features " + definition.name() + "." + event,
        SpanKind.CONSUMER,
        record.headers(),
        () ->
            target.forward(
                new Record<>(key, outcome, record.timestamp(), record.headers()), accepted));
  }

  private static RecordMetadata origin(ProcessorContext<?, ?> target) {
    return target
        .recordMetadata()
        .orElseThrow(() -> new IllegalStateException("a source record has an origin"));
  }

  private void poison(
      ProcessorContext<String, Outcome> target,
      Record<byte[], byte[]> record,
      String reason,
      @Nullable String field,
      String message) {
    RecordMetadata origin = origin(target);
    String place = origin.topic() + "/" + origin.partition() + "/" + origin.offset();
    var id = record.headers().lastHeader("ce_id");
    String eventId =
        id == null ? place : new String(id.value(), java.nio.charset.StandardCharsets.UTF_8);
    boolean personal = !definition.event(event).personal().isEmpty();
    with.measures().rejected(definition.name(), event);
    if (poison == null) {
      return;
    }
    target.forward(
        record
            .withKey(eventId)
            .withValue(
                new Outcome.Poison(
                    new EventRejected(
                        definition.name(),
                        eventId,
                        event,
                        SERVICE,
                        reason,
                        field,
                        message,
                        place,
                        personal ? null : payload(record.value()),
                        with.clock().millis()))),
        poison);
  }

  private static @Nullable String payload(byte @Nullable [] value) {
    return value == null
        ? null
        : new String(
            value, 0, Math.min(value.length, PAYLOAD_MAX), java.nio.charset.StandardCharsets.UTF_8);
  }
}
