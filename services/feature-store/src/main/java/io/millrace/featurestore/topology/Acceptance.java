// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityKey;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of one events' topic. What is not an event, or lacks the key of an entity it needs,
 * is {@link Outcome.Poison}; an event behind the stream time of its partition by more than the
 * allowed lateness is late. Stream time is the greatest event time so far, in log order, so that a
 * replay decides the same; an event from the future counts as of when it became known. Thread-safe;
 * a {@link StreamClock} is that of one partition.
 */
final class Acceptance {
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
  private final Deserializer<Event> deserializer;
  private final Collaborators with;
  private final long latenessMs;

  /**
   * @param entities entities whose key every event must have
   * @param deserializer reads at least the fields that what follows needs
   */
  Acceptance(
      ApplicationDefinition definition,
      String event,
      Set<String> entities,
      Deserializer<Event> deserializer,
      Collaborators with) {
    this.definition = definition;
    this.event = event;
    this.entities = Set.copyOf(entities);
    this.deserializer = deserializer;
    this.with = with;
    this.latenessMs = definition.event(event).lateness().toMillis();
  }

  /** The key of the groups whose entity an event is keyed by. */
  static String keyOf(Event event) {
    return event.key() == null ? event.id() : event.key();
  }

  /** Reads the next record of a partition, and moves its clock on. */
  Outcome read(IncomingRecord record, StreamClock clock) {
    clock.at(record.offset());
    byte[] value = record.value();
    if (value != null && value.length > RECORD_BYTES_MAX) {
      String message = value.length + " bytes; an event has at most " + RECORD_BYTES_MAX;
      return poison(record, "too-large", null, message);
    }
    Event read;
    try {
      read = deserializer.deserialize("", record.headers(), value);
    } catch (SerializationException e) {
      return poison(record, "malformed", null, String.valueOf(e.getMessage()));
    }
    if (read == null || value == null) {
      return poison(record, "malformed", null, "the record has no value");
    }
    for (String entity : entities) {
      String key = definition.entityKey(entity, read.data());
      if (key == null) {
        return poison(record, "missing-key", entity, "no key of entity '" + entity + "'");
      }
      String broken = EntityKey.broken(key);
      if (broken != null) {
        // No store could hold it, and everything behind it would wait.
        return poison(record, broken, entity, EntityKey.rule(broken));
      }
    }
    boolean late =
        clock.timeMs() != Long.MIN_VALUE
            && read.eventTimeMs()
                < Math.max(clock.timeMs(), Long.MIN_VALUE + latenessMs) - latenessMs;
    Outcome.Accepted outcome = new Outcome.Accepted(read, late, value);
    // A producer whose clock is ahead must not make everybody else late.
    clock.advance(Math.min(read.eventTimeMs(), outcome.knownAtMs(record.timestampMs())));
    if (late) {
      with.measures().late(definition.name(), event, 1);
    }
    return outcome;
  }

  private Outcome.Poison poison(
      IncomingRecord record, String reason, @Nullable String field, String message) {
    String place = record.topic() + "/" + record.partition() + "/" + record.offset();
    Header id = record.headers().lastHeader("ce_id");
    String eventId = id == null ? place : new String(id.value(), StandardCharsets.UTF_8);
    boolean personal = !definition.event(event).personal().isEmpty();
    with.measures().rejected(definition.name(), event);
    return new Outcome.Poison(
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
            with.clock().millis()));
  }

  private static @Nullable String payload(byte @Nullable [] value) {
    return value == null
        ? null
        : new String(value, 0, Math.min(value.length, PAYLOAD_MAX), StandardCharsets.UTF_8);
  }
}
