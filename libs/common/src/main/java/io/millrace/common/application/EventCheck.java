// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.EntityKey;
import io.millrace.common.definition.EventDefinition;
import io.millrace.common.definition.EventTimes;
import io.millrace.common.definition.TimeDefinition;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Events and entities. */
final class EventCheck {
  private final ApplicationDefinition application;
  private final Problems problems;

  EventCheck(ApplicationDefinition application, Problems problems) {
    this.application = application;
    this.problems = problems;
  }

  void check() {
    application.events().forEach(this::event);
    application.entities().forEach(this::entity);
    treatments();
  }

  private void event(String name, EventDefinition event) {
    String path = "events." + name;
    time(path + ".time", event);
    problems.duration(path + ".allowedLateness", event.allowedLateness(), true);
    String named = event.key();
    if (named != null) {
      EntityDefinition entity = application.entities().get(named);
      if (entity == null) {
        problems.unknown(path + ".key", "entity", named, application.entities().keySet());
      } else if (entity.mayBeMissing()) {
        problems.add(path + ".key", "entity-key", "an optional entity cannot give the record key");
      }
    }
    schema(path + ".schema", event);
    id(path + ".id", event);
    personal(path + ".personal", event);
    Set<String> keys = new LinkedHashSet<>(application.requiredEntities(name));
    application.featureViews().values().stream()
        .filter(view -> view.source().equals(name))
        .forEach(view -> keys.add(view.entity()));
    for (String entity : keys) {
      EntityDefinition definition = application.entities().get(entity);
      EntityKey key = definition == null ? null : definition.key();
      for (String field : key == null ? List.<String>of() : key.fields()) {
        if (!SemanticCheck.hasField(application, name, field)) {
          problems.add(
              path,
              "missing-key-field",
              "the event has no field '"
                  + field
                  + (key != null && key.isComposite() ? "', a part of the key" : "', the key")
                  + " of entity '"
                  + entity
                  + "'");
        }
      }
    }
  }

  private void time(String path, EventDefinition event) {
    TimeDefinition time = event.time();
    if ((time.field() == null) == (time.sequence() == null)) {
      problems.add(path, "event-time", "name either a field or a sequence");
      return;
    }
    if (time.zone() != null) {
      try {
        ZoneId.of(time.zone());
      } catch (DateTimeException e) {
        problems.add(path + ".zone", "zone", "'" + time.zone() + "' is not a time zone");
      }
    }
    if (time.sequence() != null) {
      problems.duration(path + ".sequence.step", time.sequence().step());
      try {
        LocalDateTime.parse(time.sequence().start());
      } catch (DateTimeException e) {
        problems.add(
            path + ".sequence.start",
            "time-format",
            "'" + time.sequence().start() + "' is not like 1996-05-07T00:00");
      }
      if (time.format() != null) {
        problems.add(path + ".format", "event-time", "a sequence has no format");
      }
      return;
    }
    String format = time.format();
    if (format != null) {
      try {
        EventTimes.checkFormat(format);
      } catch (IllegalArgumentException e) {
        problems.add(path + ".format", "time-format", String.valueOf(e.getMessage()));
      }
    }
    field(path + ".field", event, time.field(), "event timestamp");
    if (event.personal().containsKey(time.field())) {
      problems.add(path + ".field", "personal", "the event timestamp cannot be personal");
    }
  }

  private void id(String path, EventDefinition event) {
    String id = event.id();
    if (id == null) {
      return;
    }
    field(path, event, id, "id");
    if (event.personal().containsKey(id)) {
      problems.add(path, "personal", "an id is published as it is, so it cannot be personal");
    }
  }

  /** A field that ingest itself reads; declared, unless fields are inferred. */
  private void field(String path, EventDefinition event, @Nullable String field, String role) {
    if (field != null && !event.infers() && !properties(event).containsKey(field)) {
      problems.unknown(path, "field", field, properties(event).keySet());
    } else if (field != null
        && properties(event).get(field) instanceof Map<?, ?> property
        && List.of("boolean").equals(EventFields.types(property))) {
      problems.add(path, "type", "a boolean cannot be the " + role);
    }
  }

  private void schema(String path, EventDefinition event) {
    if (!event.infers() && properties(event).isEmpty()) {
      problems.add(
          path, "schema", "declare the fields under properties, or write {infer: true} for none");
    }
    properties(event).forEach((name, property) -> property(path + ".properties." + name, property));
    if (event.schema().get("required") instanceof List<?> required) {
      for (int i = 0; i < required.size(); i++) {
        if (!event.infers() && !properties(event).containsKey(String.valueOf(required.get(i)))) {
          problems.unknown(
              path + ".required[" + i + "]",
              "field",
              String.valueOf(required.get(i)),
              properties(event).keySet());
        }
      }
    }
  }

  private void property(String path, Object value) {
    if (!(value instanceof Map<?, ?> property)) {
      return;
    }
    List<String> types = EventFields.types(property);
    if (types.size() > 1) {
      problems.add(path + ".type", "type", "a field has one type, besides null: " + types);
    }
    if (property.get("pattern") instanceof String pattern) {
      try {
        Pattern.compile(pattern);
      } catch (PatternSyntaxException e) {
        problems.add(path + ".pattern", "pattern", "not an RE2 pattern: " + e.getMessage());
      }
    }
    ordered(path, property, "minimum", "maximum");
    ordered(path, property, "exclusiveMinimum", "exclusiveMaximum");
    ordered(path, property, "minLength", "maxLength");
    boolean text = types.isEmpty() || types.contains("string");
    boolean number = types.isEmpty() || types.contains("number") || types.contains("integer");
    for (String keyword : List.of("pattern", "minLength", "maxLength", "format")) {
      if (!text && property.containsKey(keyword)) {
        problems.add(path + "." + keyword, "type", keyword + " is for strings");
      }
    }
    for (String keyword : List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")) {
      if (!number && property.containsKey(keyword)) {
        problems.add(path + "." + keyword, "type", keyword + " is for numbers");
      }
    }
  }

  private void ordered(String path, Map<?, ?> property, String low, String high) {
    if (property.get(low) instanceof Number least
        && property.get(high) instanceof Number most
        && least.doubleValue() > most.doubleValue()) {
      problems.add(path + "." + low, "range", low + " is greater than " + high);
    }
  }

  private void personal(String path, EventDefinition event) {
    for (String field : event.personal().keySet()) {
      if (!event.infers() && !properties(event).containsKey(field)) {
        problems.unknown(path + "." + field, "field", field, properties(event).keySet());
      }
    }
  }

  private void entity(String name, EntityDefinition entity) {
    String path = "entities." + name;
    if ((entity.key() == null) == (entity.constant() == null)) {
      problems.add(path, "entity-key", "name either a key field or a constant");
      return;
    }
    if (entity.constant() != null && entity.optional() != null) {
      problems.add(path + ".optional", "entity-key", "a constant is never missing");
    }
    EntityKey key = entity.key();
    if (key == null) {
      return;
    }
    for (int i = 0; i < key.fields().size(); i++) {
      String field = key.fields().get(i);
      String at = path + (key.isComposite() ? ".key[" + i + "]" : ".key");
      if (application.events().keySet().stream()
          .noneMatch(event -> SemanticCheck.hasField(application, event, field))) {
        problems.add(at, "unknown-field", "no event has a field '" + field + "'");
      }
    }
  }

  /** A key that one event hashes and another does not would be two entities. */
  private void treatments() {
    Set<String> keys = new LinkedHashSet<>();
    application.entities().values().forEach(entity -> keys.addAll(entity.keyFields()));
    for (String key : keys) {
      Map<String, String> seen = new HashMap<>();
      application
          .events()
          .forEach(
              (name, event) -> {
                String treatment = event.personal().get(key);
                if (treatment != null || event.eventSchema().fields().containsKey(key)) {
                  seen.put(name, treatment == null ? "in clear" : treatment);
                }
              });
      if (Set.copyOf(seen.values()).size() > 1) {
        seen.forEach(
            (event, treatment) -> {
              if (treatment.equals("in clear")) {
                problems.add(
                    "events." + event + ".personal",
                    "personal",
                    "'" + key + "' is personal in another event; treat it alike in all");
              }
            });
      }
    }
  }

  private static Map<String, Object> properties(EventDefinition event) {
    Map<String, Object> properties = new LinkedHashMap<>();
    if (event.schema().get("properties") instanceof Map<?, ?> map) {
      map.forEach((name, property) -> properties.put(String.valueOf(name), property));
    }
    return properties;
  }
}
