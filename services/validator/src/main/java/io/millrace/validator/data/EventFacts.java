// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.EventDefinition;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.features.definition.FieldType;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an application says about one kind of event. Immutable.
 *
 * @param event kind of event
 * @param plan how its events are cut into spans
 * @param waitMs how long after its end, in event time, a span stays open for late events
 * @param declared columns whose type the application declares, with declared range, domain and
 *     presence
 * @param openText columns that name things (entities, ids, shared keys): new values are their
 *     nature
 * @param times columns that hold moments
 * @param rules the rules that concern it
 */
public record EventFacts(
    String event,
    SpanPlan plan,
    long waitMs,
    Map<String, ColumnSchema> declared,
    Set<String> openText,
    Set<String> times,
    RowRules rules) {
  public EventFacts {
    declared = Collections.unmodifiableMap(new TreeMap<>(declared));
    openText = Set.copyOf(openText);
    times = Set.copyOf(times);
  }

  /** The facts about one event of an application. */
  public static EventFacts of(ApplicationDefinition application, String name) {
    EventDefinition event = application.event(name);
    SpanPlan plan = SpanPlan.of(application.validation());
    long lateness = event.lateness().toMillis();
    long wait = plan instanceof SpanPlan.EventTime time ? Math.min(lateness, time.lengthMs()) : 0;
    Set<String> open = new HashSet<>(event.personal().keySet());
    for (EntityDefinition entity : application.entities().values()) {
      addKnown(open, entity.key());
    }
    addKnown(open, event.id());
    LabelDefinition label = application.label();
    if (label != null && label.positive() != null) {
      addKnown(open, label.positive().on());
    }
    Set<String> times = new HashSet<>();
    addKnown(times, event.time().field());
    event
        .eventSchema()
        .fields()
        .forEach(
            (field, type) -> {
              if (type == FieldType.TIMESTAMP) {
                times.add(field);
              }
            });
    return new EventFacts(
        name,
        plan,
        wait,
        declaredColumns(event, times),
        open,
        times,
        RowRules.of(application.validation(), event.eventSchema()));
  }

  private static void addKnown(Set<String> names, @Nullable String name) {
    if (name != null) {
      names.add(name);
    }
  }

  private static Map<String, ColumnSchema> declaredColumns(
      EventDefinition event, Set<String> times) {
    Map<String, ColumnSchema> columns = new TreeMap<>();
    Collection<?> required =
        event.schema().get("required") instanceof Collection<?> names ? names : List.of();
    Map<?, ?> properties =
        event.schema().get("properties") instanceof Map<?, ?> map ? map : Map.of();
    event
        .eventSchema()
        .fields()
        .forEach(
            (field, type) -> {
              if (type != FieldType.DYNAMIC) {
                Map<?, ?> property =
                    properties.get(field) instanceof Map<?, ?> map ? map : Map.of();
                boolean hashed = event.personal().containsKey(field);
                columns.put(
                    field,
                    declared(
                        times.contains(field) ? ColumnSchema.Type.TIME : typeOf(type),
                        type,
                        required.contains(field),
                        hashed ? Map.of() : property));
              }
            });
    return columns;
  }

  private static ColumnSchema declared(
      ColumnSchema.Type type, FieldType field, boolean required, Map<?, ?> property) {
    List<String> domain =
        property.get("enum") instanceof Collection<?> values
                && values.stream().allMatch(String.class::isInstance)
            ? values.stream().map(String.class::cast).sorted().toList()
            : null;
    Double low = property.get("minimum") instanceof Number number ? number.doubleValue() : null;
    Double high = property.get("maximum") instanceof Number number ? number.doubleValue() : null;
    return new ColumnSchema(
        type,
        true,
        required ? 0 : 1,
        Map.of(classOf(field), 1.0),
        domain,
        low,
        high,
        low != null && high != null,
        domain != null);
  }

  private static ColumnSchema.Type typeOf(FieldType type) {
    return switch (type) {
      case STRING -> ColumnSchema.Type.STRING;
      case INTEGER -> ColumnSchema.Type.INT;
      case NUMBER -> ColumnSchema.Type.FLOAT;
      case BOOLEAN -> ColumnSchema.Type.BOOL;
      case TIMESTAMP -> ColumnSchema.Type.TIME;
      case DYNAMIC -> ColumnSchema.Type.UNKNOWN;
    };
  }

  private static String classOf(FieldType type) {
    return switch (type) {
      case STRING -> "string";
      case BOOLEAN -> "boolean";
      default -> "number";
    };
  }
}
