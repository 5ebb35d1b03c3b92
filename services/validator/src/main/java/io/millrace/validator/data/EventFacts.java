// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.EventDefinition;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.common.definition.ValidationDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.expression.ExpressionException;
import io.millrace.features.expression.Expressions;
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
 * @param asked what its spans must keep to besides
 * @param labels columns that the label is computed from: absent where there is a prediction to make
 * @param overrides what people say of its findings
 */
public record EventFacts(
    String event,
    SpanPlan plan,
    long waitMs,
    Map<String, ColumnSchema> declared,
    Set<String> openText,
    Set<String> times,
    RowRules rules,
    ValidationDefinition.SpanRules asked,
    Set<String> labels,
    SeverityOverrides overrides) {
  /** Environment of rows that wait for a prediction: nobody knows the label there. */
  public static final String SERVING = "SERVING";

  /** Environment of rows that a model is trained on. */
  public static final String TRAINING = "TRAINING";

  /** What is said of a column that the label is computed from. */
  static final ColumnRules LABEL = ColumnRules.notIn(List.of(SERVING));

  public EventFacts {
    labels = Set.copyOf(labels);
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
      open.addAll(entity.keyFields());
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
    Set<String> labels = labels(application.label(), name, event);
    Map<String, ColumnSchema> declared = declaredColumns(event, times);
    declared.replaceAll(
        (field, column) -> labels.contains(field) ? column.withRules(LABEL) : column);
    return new EventFacts(
        name,
        plan,
        wait,
        declared,
        open,
        times,
        RowRules.of(application.validation(), event.eventSchema()),
        asked(application.validation(), name),
        labels,
        SeverityOverrides.of(application.validation(), name));
  }

  /** Facts without anything asked of spans. */
  public EventFacts(
      String event,
      SpanPlan plan,
      long waitMs,
      Map<String, ColumnSchema> declared,
      Set<String> openText,
      Set<String> times,
      RowRules rules) {
    this(
        event,
        plan,
        waitMs,
        declared,
        openText,
        times,
        rules,
        ValidationDefinition.SpanRules.NONE,
        Set.of(),
        SeverityOverrides.NONE);
  }

  private static ValidationDefinition.SpanRules asked(
      @Nullable ValidationDefinition validation, String event) {
    ValidationDefinition.SpanRules asked =
        validation == null ? null : validation.events().get(event);
    return asked == null ? ValidationDefinition.SpanRules.NONE : asked;
  }

  private static Set<String> labels(
      @Nullable LabelDefinition label, String event, EventDefinition definition) {
    String value = label == null || !label.decidedAt().equals(event) ? null : label.value();
    if (value == null) {
      return Set.of();
    }
    try {
      return Expressions.compile(value, definition.eventSchema()).fields();
    } catch (ExpressionException notCompiledHere) {
      return Set.of();
    }
  }

  /** Which of the {@value RowMarks#SLICES} equal parts of its span a moment lies in. */
  public int slice(long eventTimeMs) {
    return plan instanceof SpanPlan.EventTime time
        ? (int)
            ((eventTimeMs - time.start(eventTimeMs)) * RowMarks.SLICES / (double) time.lengthMs())
        : 0;
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
    ColumnSchema column =
        ColumnSchema.ofDeclared(type, required ? 0 : 1, Map.of(classOf(field), 1.0))
            .withDeclaredDomain(domain);
    // One end alone leaves the range to be learned.
    return low != null && high != null
        ? column.withDeclaredRange(low, high)
        : column.withRange(low, high);
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
