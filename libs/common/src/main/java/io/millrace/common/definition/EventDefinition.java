// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One kind of event.
 *
 * @param description meaning, for people
 * @param time where the event timestamp comes from
 * @param id name of the field that identifies an event; absent where the sender gives ids
 * @param key entity whose key is the record key; absent: see {@link
 *     ApplicationDefinition#primaryEntity}
 * @param allowedLateness how far behind stream time an event still changes online features; default
 *     one day
 * @param schema a JSON Schema of the event's data ({@code properties}, {@code required}, types,
 *     ranges, patterns, {@code enum}), or {@code {infer: true}}
 * @param personal field → {@code pseudonymise} or {@code drop}
 */
public record EventDefinition(
    @Nullable String description,
    TimeDefinition time,
    @Nullable String id,
    @Nullable String key,
    @Nullable String allowedLateness,
    Map<String, Object> schema,
    Map<String, String> personal) {

  public EventDefinition {
    schema = Frozen.map(schema);
    personal = Frozen.map(personal);
  }

  /** {@link #allowedLateness} with its default of one day. */
  public Duration lateness() {
    return allowedLateness == null ? Duration.ofDays(1) : Durations.parse(allowedLateness);
  }

  /** Whether fields and types are taken as they come. */
  public boolean infers() {
    return schema.isEmpty() || Boolean.TRUE.equals(schema.get("infer"));
  }

  /**
   * The fields and types that expressions see. JSON Schema types map one to one; {@code string}
   * with {@code format: date-time} is a {@link FieldType#TIMESTAMP}; a pseudonymised field is a
   * string, a dropped one is gone.
   */
  public EventSchema eventSchema() {
    Map<String, FieldType> fields = new LinkedHashMap<>();
    if (schema.get("properties") instanceof Map<?, ?> properties) {
      properties.forEach((name, value) -> fields.put(String.valueOf(name), typeOf(value)));
    }
    personal.forEach(
        (field, treatment) -> {
          if (treatment.equals("drop")) {
            fields.remove(field);
          } else {
            fields.put(field, FieldType.STRING);
          }
        });
    return new EventSchema(fields, infers());
  }

  private static FieldType typeOf(Object property) {
    if (!(property instanceof Map<?, ?> map)) {
      return FieldType.DYNAMIC;
    }
    Object type = map.get("type");
    if (type instanceof List<?> alternatives) {
      List<?> named = alternatives.stream().filter(each -> !"null".equals(each)).toList();
      type = named.size() == 1 ? named.getFirst() : "";
    }
    return switch (String.valueOf(type)) {
      case "string" ->
          "date-time".equals(map.get("format")) ? FieldType.TIMESTAMP : FieldType.STRING;
      case "integer" -> FieldType.INTEGER;
      case "number" -> FieldType.NUMBER;
      case "boolean" -> FieldType.BOOLEAN;
      default -> FieldType.DYNAMIC;
    };
  }
}
