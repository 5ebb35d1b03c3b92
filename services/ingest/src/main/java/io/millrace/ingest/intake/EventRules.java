// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.EntityKey;
import io.millrace.common.definition.EventDefinition;
import io.millrace.common.definition.EventTimes;
import io.millrace.common.definition.TimeDefinition;
import io.millrace.features.definition.FieldType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one kind of event must keep, compiled once per definition: types and constraints,
 * the id, the event timestamp, entity keys, and what happens to personal fields. Immutable and
 * thread-safe.
 */
final class EventRules {
  /** How far after the wall clock an event may say that it happened. */
  static final Duration FUTURE_MAX = Duration.ofDays(1);

  private static final int ID_LENGTH_MAX = 256;
  private static final int PAYLOAD_MAX = 16 * 1024;
  private static final int INFERRED_MAX = 2_000;
  private static final String DROP = "drop";

  private final ApplicationDefinition application;
  private final String name;
  private final EventDefinition event;
  private final RowParts parts;
  private final EventTimes times;
  private final EventTimes givenTimes;
  private final Map<String, FieldRule> rules = new LinkedHashMap<>();
  private final Map<String, FieldRule> inferred = new ConcurrentHashMap<>();
  private final Set<String> keyFields = new HashSet<>();
  private final List<String> required = new ArrayList<>();
  private final List<String> requiredEntities;
  private final boolean refusesUndeclared;
  private final @Nullable String primary;

  EventRules(ApplicationDefinition application, String name, RowParts parts) {
    this.application = application;
    this.name = name;
    this.event = application.event(name);
    this.parts = parts;
    this.times = new EventTimes(event.time());
    this.givenTimes = new EventTimes(new TimeDefinition("time", "iso", null, null));
    this.primary = application.primaryEntity(name);
    this.requiredEntities = List.copyOf(application.requiredEntities(name));
    this.refusesUndeclared = Boolean.FALSE.equals(event.schema().get("additionalProperties"));
    for (EntityDefinition entity : application.entities().values()) {
      keyFields.addAll(entity.keyFields());
    }
    if (event.schema().get("properties") instanceof Map<?, ?> properties) {
      properties.forEach(
          (field, schema) ->
              rules.put(
                  String.valueOf(field),
                  rule(String.valueOf(field), schema instanceof Map<?, ?> map ? map : Map.of())));
    }
    if (event.schema().get("required") instanceof List<?> fields) {
      fields.forEach(field -> required.add(String.valueOf(field)));
    }
  }

  private FieldRule rule(String field, Map<?, ?> schema) {
    EventDefinition alone =
        new EventDefinition(
            null,
            event.time(),
            null,
            null,
            null,
            Map.of("properties", Map.of(field, schema)),
            Map.of());
    FieldType type = alone.eventSchema().typeOf(field);
    boolean personal = event.personal().containsKey(field);
    boolean keepsText = personal || keyFields.contains(field) || field.equals(event.id());
    return new FieldRule(field, type, keepsText, personal, schema, parts::pattern);
  }

  /** The rule of a field that is not declared; a bounded number of them is kept. */
  private FieldRule inferred(String field) {
    FieldRule known = inferred.get(field);
    if (known != null) {
      return known;
    }
    FieldRule rule = rule(field, Map.of());
    if (inferred.size() < INFERRED_MAX) {
      inferred.put(field, rule);
    }
    return rule;
  }

  /** Judges a row. */
  Judged judge(RawRow row, boolean history, long nowMs) {
    return switch (row) {
      case RawRow.Unreadable unreadable -> {
        String text = unreadable.text();
        yield bad(
            row.origin(),
            row.origin().id(),
            new Refusal(unreadable.reason(), unreadable.field(), unreadable.message()),
            event.personal().isEmpty() ? text : null,
            String.valueOf(text),
            nowMs);
      }
      case RawRow.Read read -> {
        try {
          yield new Judged.Good(row.origin(), accept(read, history, nowMs));
        } catch (Refusal refusal) {
          String content = parts.json(new TreeMap<>(read.fields()));
          yield bad(
              row.origin(),
              idOrOrigin(read),
              refusal,
              parts.json(withoutPersonal(read.fields())),
              content,
              nowMs);
        }
      }
    };
  }

  private Event accept(RawRow.Read row, boolean history, long nowMs) {
    Map<String, Object> data = canonical(row);
    String id = id(row, data);
    for (String field : required) {
      if (!data.containsKey(field)) {
        throw new Refusal("required", field, "is missing");
      }
    }
    long eventTimeMs = eventTime(row, data);
    if (eventTimeMs > nowMs + FUTURE_MAX.toMillis()) {
      throw new Refusal(
          "time-future", event.time().field(), "is more than a day after the wall clock");
    }
    hidePersonal(data);
    for (String entity : requiredEntities) {
      if (application.entityKey(entity, data) == null) {
        throw missingKey(entity, data);
      }
    }
    checkKeys(data);
    String key = primary == null ? null : application.entityKey(primary, data);
    return new Event(
        application.name(), name, id, key, eventTimeMs, history ? eventTimeMs : nowMs, data);
  }

  private Refusal missingKey(String entity, Map<String, Object> data) {
    EntityDefinition definition = application.entities().get(entity);
    EntityKey key = definition == null ? null : definition.key();
    return new Refusal(
        "missing-key",
        key == null ? null : key.missing(data),
        "is missing: it is "
            + (key != null && key.isComposite() ? "a part of " : "")
            + "the key of entity '"
            + entity
            + "'");
  }

  /** Every key that the event gives, also those of optional entities, can be stored. */
  private void checkKeys(Map<String, Object> data) {
    for (Map.Entry<String, EntityDefinition> entity : application.entities().entrySet()) {
      EntityKey definition = entity.getValue().key();
      String key = definition == null ? null : definition.in(data);
      String broken = key == null ? null : EntityKey.broken(key);
      if (definition != null && broken != null) {
        throw new Refusal(
            broken,
            String.join(", ", definition.fields()),
            EntityKey.rule(broken) + ": this one is of entity '" + entity.getKey() + "'");
      }
    }
  }

  private Map<String, Object> canonical(RawRow.Read row) {
    Map<String, Object> data = new LinkedHashMap<>();
    for (Map.Entry<String, @Nullable Object> field : row.fields().entrySet()) {
      FieldRule rule = rules.get(field.getKey());
      if (rule == null) {
        if (!event.infers()) {
          if (refusesUndeclared) {
            throw new Refusal("unknown-field", field.getKey(), "is not declared");
          }
          continue;
        }
        rule = inferred(field.getKey());
      }
      Object value = rule.canonical(field.getValue(), row.textual());
      if (value != null) {
        data.put(field.getKey(), value);
      }
    }
    return data;
  }

  private String id(RawRow.Read row, Map<String, Object> data) {
    String field = event.id();
    if (field == null) {
      return checkedId(row.id() == null ? row.origin().id() : row.id(), "id");
    }
    String id = ApplicationDefinition.canonicalKey(data.get(field));
    if (id == null) {
      throw new Refusal("required", field, "is missing: it is the event's id");
    }
    return checkedId(id, field);
  }

  private static String checkedId(String id, String field) {
    if (id.isBlank() || id.length() > ID_LENGTH_MAX) {
      throw new Refusal(
          "id", field, "an id has 1 to " + ID_LENGTH_MAX + " characters, not all of them blank");
    }
    return id;
  }

  /** The id under which a refused row is remembered: its own where that is one. */
  private String idOrOrigin(RawRow.Read row) {
    String field = event.id();
    String id = row.id();
    if (field != null) {
      Object raw = row.fields().get(field);
      id = raw instanceof RawRow.Unplain ? null : ApplicationDefinition.canonicalKey(raw);
    }
    return id == null || id.isBlank() || id.length() > ID_LENGTH_MAX ? row.origin().id() : id;
  }

  private long eventTime(RawRow.Read row, Map<String, Object> data) {
    String field = event.time().field();
    if (field == null) {
      if (row.origin().position() < 0) {
        throw new Refusal(
            "missing-time", null, "the time is the row's number: send batch and first");
      }
      try {
        return times.ofSequence(row.origin().position());
      } catch (ArithmeticException e) {
        throw new Refusal("time-format", null, "the row's number gives no time");
      }
    }
    Object value = data.get(field);
    try {
      if (value != null) {
        // A date-time field has become milliseconds already.
        return value instanceof Long epochMs && isTimestamp(field) ? epochMs : times.of(value);
      }
      if (row.time() != null) {
        return givenTimes.of(row.time());
      }
    } catch (IllegalArgumentException e) {
      throw new Refusal("time-format", field, String.valueOf(e.getMessage()));
    }
    throw new Refusal("missing-time", field, "is missing: it is the event timestamp");
  }

  private boolean isTimestamp(String field) {
    return event.eventSchema().fields().get(field) == FieldType.TIMESTAMP;
  }

  private void hidePersonal(Map<String, Object> data) {
    for (Map.Entry<String, String> personal : event.personal().entrySet()) {
      Object value = data.remove(personal.getKey());
      String text = ApplicationDefinition.canonicalKey(value);
      if (text != null && !personal.getValue().equals(DROP)) {
        data.put(personal.getKey(), parts.pseudonym(application.name(), personal.getKey(), text));
      }
    }
  }

  private Map<String, @Nullable Object> withoutPersonal(Map<String, @Nullable Object> fields) {
    Map<String, @Nullable Object> shown = new LinkedHashMap<>();
    fields.forEach(
        (field, value) -> {
          String treatment = event.personal().get(field);
          if (treatment == null) {
            shown.put(field, value);
          } else if (value instanceof RawRow.Unplain) {
            shown.put(field, "withheld");
          } else if (!treatment.equals(DROP)) {
            String text = ApplicationDefinition.canonicalKey(value);
            shown.put(
                field,
                text == null
                    ? null
                    : parts.pseudonym(
                        application.name(), field, PlainNumbers.withoutEmptyFraction(text)));
          }
        });
    return shown;
  }

  private Judged.Bad bad(
      RawRow.Origin origin,
      String id,
      Refusal refusal,
      @Nullable String payload,
      String content,
      long nowMs) {
    String shown =
        payload != null && payload.length() > PAYLOAD_MAX
            ? payload.substring(0, PAYLOAD_MAX)
            : payload;
    EventRejected rejected =
        new EventRejected(
            application.name(),
            id,
            name,
            "ingest",
            refusal.reason(),
            refusal.field(),
            refusal.text(),
            origin.text(),
            shown,
            nowMs);
    return new Judged.Bad(origin, rejected, Ids.content(refusal.reason(), content));
  }
}
