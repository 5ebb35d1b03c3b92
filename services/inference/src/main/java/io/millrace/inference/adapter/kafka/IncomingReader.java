// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.kafka;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.PredictionRequested;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.InvalidKeyException;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.common.serde.EventSerde;
import io.millrace.common.telemetry.TraceHeaders;
import io.millrace.common.topic.Topics;
import io.millrace.inference.serving.Question;
import io.millrace.inference.serving.Values;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Deciding events and asynchronous requests as questions. Events hold pseudonyms already; requests
 * come from outside, so that their personal keys are hashed here. Immutable.
 */
final class IncomingReader {
  private final ApplicationDefinition definition;
  private final Topics topics;
  private final Pseudonymiser pseudonymiser;
  private final EventSerde events = new EventSerde();

  IncomingReader(ApplicationDefinition definition, Pseudonymiser pseudonymiser) {
    this.definition = definition;
    this.topics = new Topics(definition.name());
    this.pseudonymiser = pseudonymiser;
  }

  /**
   * @throws SerializationException where the record is no event
   */
  Incoming event(ConsumerRecord<byte[], byte[]> record) {
    Event event =
        events.deserializer().deserialize(record.topic(), record.headers(), record.value());
    if (event == null) {
      throw new SerializationException("an event without a value");
    }
    Question question =
        new Question(
            event.id(),
            definition.entityKeys(event.data()),
            event.data(),
            event.eventTimeMs(),
            record.timestamp());
    return new Incoming(question, event.key(), TraceHeaders.extract(record.headers()));
  }

  /**
   * @throws SerializationException where the record is no request
   */
  Incoming request(ConsumerRecord<byte[], byte[]> record) {
    PredictionRequested asked =
        topics
            .requests()
            .valueSerde()
            .deserializer()
            .deserialize(record.topic(), record.headers(), record.value());
    if (asked == null || asked.requestId() == null || asked.entities() == null) {
      throw new SerializationException("requestId and entities are required");
    }
    Map<String, String> keys = keys(asked.entities());
    Map<String, Object> fields = new LinkedHashMap<>();
    if (asked.request() != null) {
      asked.request().forEach((name, value) -> put(fields, name, Values.canonical(value)));
    }
    Question question =
        new Question(
            asked.requestId(),
            keys,
            fields,
            asked.atMs() == null ? record.timestamp() : asked.atMs(),
            record.timestamp());
    String key =
        asked.entities().isEmpty() ? null : keys.get(asked.entities().keySet().iterator().next());
    return new Incoming(question, key, TraceHeaders.extract(record.headers()));
  }

  private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
    switch (value) {
      case null -> {}
      case String text -> fields.put(name, text);
      case Long number -> fields.put(name, number);
      case Double number -> fields.put(name, number);
      case Boolean flag -> fields.put(name, flag);
      default -> throw new SerializationException("field '" + name + "' is not a plain value");
    }
  }

  private Map<String, String> keys(Map<String, Object> asked) {
    Map<String, String> keys = new TreeMap<>();
    definition
        .entities()
        .forEach(
            (name, entity) -> {
              if (entity.constant() != null) {
                keys.put(name, entity.constant());
              }
            });
    asked.forEach(
        (entity, value) -> {
          keys.put(entity, key(entity, value));
        });
    return keys;
  }

  private String key(String entity, @Nullable Object sent) {
    if (!definition.entities().containsKey(entity)) {
      throw new SerializationException("entity '" + entity + "' is unknown");
    }
    String key;
    try {
      key =
          definition
              .sentKeys(
                  entity, (field, text) -> pseudonymiser.pseudonym(definition.name(), field, text))
              .of(sent);
    } catch (InvalidKeyException e) {
      throw new SerializationException(
          e.below("entities." + entity) + ": " + e.rule() + ": " + e.getMessage(), e);
    }
    if (key == null) {
      throw new SerializationException("entity '" + entity + "' has no key");
    }
    return key;
  }
}
