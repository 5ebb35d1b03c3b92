// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import io.millrace.features.definition.FieldType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads of one field, by declared type. */
final class FieldNodes {
  private FieldNodes() {}

  /** Where a value is found in a row. */
  private interface Access {
    @Nullable Object get(Map<String, ?> row);
  }

  static Node plain(String name, FieldType type) {
    return of(row -> row.get(name), name, type);
  }

  static Node scoped(String scope, String name, FieldType type) {
    Access access =
        row -> {
          Object fields = row.get(scope);
          return fields instanceof Map<?, ?> map ? map.get(name) : null;
        };
    return of(access, scope + "." + name, type);
  }

  /**
   * Reads rows that hold fields by their name with scope; those of these slots by number.
   *
   * @param name with its scope
   */
  static Node slotted(Slots slots, String name, FieldType type) {
    int number = slots.add(name);
    return of(
        row -> row instanceof Slots.Row numbered ? numbered.at(number) : row.get(name), name, type);
  }

  private static Node of(Access access, String name, FieldType type) {
    String canonical = "`" + name + "`:" + type;
    return switch (type) {
      case INTEGER, TIMESTAMP ->
          new Node.Whole(type, canonical) {
            @Override
            long integer(Map<String, ?> row) {
              return Coercion.integer(access.get(row));
            }
          };
      case NUMBER ->
          new Node.Real(canonical) {
            @Override
            double number(Map<String, ?> row) {
              Object value = access.get(row);
              return value instanceof String ? Double.NaN : Coercion.number(value);
            }
          };
      case BOOLEAN ->
          new Node.Truth(canonical) {
            @Override
            int truth(Map<String, ?> row) {
              Object value = access.get(row);
              return value instanceof Boolean truth ? (truth ? TRUE : FALSE) : UNKNOWN;
            }
          };
      case STRING ->
          new Node.Text(canonical) {
            @Override
            @Nullable String text(Map<String, ?> row) {
              return access.get(row) instanceof String text ? text : null;
            }
          };
      case DYNAMIC ->
          new Node.Dynamic(canonical) {
            @Override
            @Nullable Object value(Map<String, ?> row) {
              Object value = access.get(row);
              return value instanceof Double number && !Double.isFinite(number) ? null : value;
            }
          };
    };
  }
}
