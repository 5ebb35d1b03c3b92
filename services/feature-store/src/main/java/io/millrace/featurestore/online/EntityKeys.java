// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.EntityKey;
import io.millrace.common.definition.EventDefinition;
import io.millrace.common.definition.InvalidKeyException;
import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns the keys that a caller sends into those that stores know. Thread-safe. */
public final class EntityKeys {
  private final Pseudonyms pseudonyms;

  /** The keyed hash that stands for a personal key. */
  @FunctionalInterface
  public interface Pseudonyms {
    String of(String app, String field, String key);
  }

  public EntityKeys(Pseudonyms pseudonyms) {
    this.pseudonyms = pseudonyms;
  }

  /**
   * Canonical keys; personal ones hashed unless they are pseudonyms already. An entity of which
   * there is one gets its constant key.
   *
   * @param sent entity → what was sent for each row, null where a row names no key: a plain value,
   *     or a map of the parts of a key of several fields
   * @throws InvalidQuestionException naming an entity that there is not, or what is no key
   */
  Map<String, @Nullable String[]> of(
      ApplicationDefinition definition,
      Map<String, @Nullable Object[]> sent,
      int rows,
      boolean pseudonymous) {
    Map<String, @Nullable String[]> keys = new HashMap<>();
    definition
        .entities()
        .forEach(
            (entity, declared) -> {
              if (declared.constant() != null) {
                @Nullable String[] all = new String[rows];
                Arrays.fill(all, declared.constant());
                keys.put(entity, all);
              }
            });
    sent.forEach(
        (entity, values) -> {
          EntityDefinition declared = definition.entities().get(entity);
          if (declared == null) {
            throw new InvalidQuestionException(
                "entities." + entity,
                "entity",
                "the application has the entities " + definition.entities().keySet());
          }
          if (declared.constant() == null) {
            keys.put(entity, column(definition, entity, values, pseudonymous));
          }
        });
    return keys;
  }

  /**
   * The keys of one row as people write them in a file: a number where the entity's key is one, so
   * that 17850.0 and 17850 are one key; entities without a key left out.
   *
   * @param sent entity → key; null where the row has none
   * @throws IllegalArgumentException where one is no key
   */
  public Map<String, String> ofSpine(
      ApplicationDefinition definition, Map<String, @Nullable Object> sent, boolean pseudonymous) {
    Map<String, @Nullable Object[]> column = new HashMap<>();
    sent.forEach(
        (entity, value) -> {
          column.put(
              entity, new @Nullable Object[] {typed(definition, entity, value, pseudonymous)});
        });
    Map<String, String> keys = new HashMap<>();
    try {
      of(definition, column, 1, pseudonymous)
          .forEach(
              (entity, key) -> {
                if (key[0] != null) {
                  keys.put(entity, key[0]);
                }
              });
    } catch (InvalidQuestionException e) {
      throw new IllegalArgumentException(e.path() + ": " + e.getMessage(), e);
    }
    return keys;
  }

  private static @Nullable Object typed(
      ApplicationDefinition definition, String entity, @Nullable Object value, boolean hashed) {
    EntityDefinition declared = definition.entities().get(entity);
    EntityKey key = declared == null ? null : declared.key();
    if (value instanceof Map<?, ?> parts) {
      Map<String, @Nullable Object> typed = new LinkedHashMap<>();
      parts.forEach(
          (field, part) ->
              typed.put(
                  String.valueOf(field),
                  typedPart(definition, entity, String.valueOf(field), part, hashed)));
      return typed.values().stream().allMatch(Objects::isNull) ? null : typed;
    }
    // The text of a key of several fields has its parts as they are stored.
    return key == null || key.isComposite()
        ? value
        : typedPart(definition, entity, key.fields().getFirst(), value, hashed);
  }

  private static @Nullable Object typedPart(
      ApplicationDefinition definition,
      String entity,
      String field,
      @Nullable Object value,
      boolean hashed) {
    if (!(value instanceof String text) || (hashed && definition.isPersonalKey(field))) {
      return value;
    }
    if (text.isBlank()) {
      return null;
    }
    for (EventDefinition event : definition.events().values()) {
      // As declared: to everybody but the front door, a personal field is a text.
      EventSchema schema =
          new EventDefinition(null, event.time(), null, null, null, event.schema(), Map.of())
              .eventSchema();
      FieldType type = schema.has(field) ? schema.typeOf(field) : FieldType.STRING;
      if (type == FieldType.NUMBER || type == FieldType.INTEGER) {
        try {
          return Double.valueOf(text.strip());
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(entity + ": '" + text + "' is no number", e);
        }
      }
      if (type == FieldType.DYNAMIC && text.matches("-?\\d{1,15}\\.0+")) {
        return text.substring(0, text.indexOf('.'));
      }
    }
    return text;
  }

  private @Nullable String[] column(
      ApplicationDefinition definition,
      String entity,
      @Nullable Object[] values,
      boolean pseudonymous) {
    @Nullable String[] keys = new String[values.length];
    EntityKey.Reader reader =
        definition.sentKeys(
            entity,
            (field, text) -> pseudonymous ? text : pseudonyms.of(definition.name(), field, text));
    for (int row = 0; row < keys.length; row++) {
      try {
        keys[row] = reader.of(values[row]);
      } catch (InvalidKeyException e) {
        throw new InvalidQuestionException(
            e.below("entities." + entity),
            e.rule(),
            "row " + row + ", '" + entity + "': " + e.getMessage());
      }
    }
    return keys;
  }
}
