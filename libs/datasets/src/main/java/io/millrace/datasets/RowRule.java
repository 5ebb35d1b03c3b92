// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import io.millrace.features.expression.Compiled;
import io.millrace.features.expression.Expressions;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A simple rule of a definition, compiled for the columns of a dataset: CEL over {@code
 * view.feature} and {@code event.field}. Immutable and thread-safe.
 */
public final class RowRule {
  private final Compiled compiled;

  private RowRule(Compiled compiled) {
    this.compiled = compiled;
  }

  /**
   * Compiles.
   *
   * @param columns column → type; those without a scope cannot be named
   * @throws io.millrace.features.expression.ExpressionException where the rule is wrong or names a
   *     column that there is not
   */
  public static RowRule compile(String rule, Map<String, ColumnType> columns) {
    Map<String, Map<String, FieldType>> fields = new TreeMap<>();
    columns.forEach(
        (name, type) -> {
          int dot = name.indexOf('.');
          if (dot > 0) {
            fields
                .computeIfAbsent(name.substring(0, dot), scope -> new TreeMap<>())
                .put(name.substring(dot + 1), typeOf(type));
          }
        });
    Map<String, EventSchema> scopes = new HashMap<>();
    fields.forEach((scope, types) -> scopes.put(scope, new EventSchema(types, false)));
    return new RowRule(Expressions.compile(rule, scopes));
  }

  /** The score of a row, given its values by column; NaN where the rule says nothing. */
  public double score(Function<String, @Nullable Object> values) {
    Map<String, Map<String, @Nullable Object>> row = new HashMap<>();
    for (String name : compiled.fields()) {
      int dot = name.indexOf('.');
      row.computeIfAbsent(name.substring(0, dot), scope -> new HashMap<>())
          .put(name.substring(dot + 1), values.apply(name));
    }
    return compiled.asDouble(row);
  }

  private static FieldType typeOf(ColumnType type) {
    return switch (type) {
      case NUMBER -> FieldType.NUMBER;
      case INTEGER -> FieldType.INTEGER;
      case BOOLEAN -> FieldType.BOOLEAN;
      case TIMESTAMP -> FieldType.TIMESTAMP;
      case TEXT -> FieldType.STRING;
    };
  }
}
