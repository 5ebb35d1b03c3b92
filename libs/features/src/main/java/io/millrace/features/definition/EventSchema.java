// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.definition;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fields of one event and their types, in declaration order.
 *
 * @param fields field name → type
 * @param open whether fields that are not listed may appear (they are then {@link
 *     FieldType#DYNAMIC}); true for {@code infer: true}
 */
public record EventSchema(Map<String, FieldType> fields, boolean open) {
  public EventSchema {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /** The type of a field; {@link FieldType#DYNAMIC} for an unlisted one of an open schema. */
  public FieldType typeOf(String field) {
    FieldType type = fields.get(field);
    if (type != null) {
      return type;
    }
    if (open) {
      return FieldType.DYNAMIC;
    }
    throw new IllegalArgumentException("no field '" + field + "'");
  }

  /** Whether an expression may name this field. */
  public boolean has(String field) {
    return open || fields.containsKey(field);
  }
}
