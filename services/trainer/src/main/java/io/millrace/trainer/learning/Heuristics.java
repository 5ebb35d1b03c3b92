// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import io.millrace.datasets.ColumnType;
import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import io.millrace.features.expression.Compiled;
import io.millrace.features.expression.Expressions;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Scores rows by the simple rules of a definition: CEL over {@code view.feature} and {@code
 * event.field}, evaluated on the dataset's columns.
 */
final class Heuristics {
  private Heuristics() {}

  /**
   * Scores of one rule; NaN where it says nothing.
   *
   * @throws IllegalArgumentException where the rule names a column that the dataset lacks
   */
  static double[] scores(String rule, TrainingData.Part rows, Map<String, ColumnType> columns) {
    Map<String, EventSchema> scopes = new HashMap<>();
    Map<String, Map<String, FieldType>> fields = new LinkedHashMap<>();
    columns.forEach(
        (name, type) -> {
          int dot = name.indexOf('.');
          if (dot > 0) {
            fields
                .computeIfAbsent(name.substring(0, dot), scope -> new LinkedHashMap<>())
                .put(name.substring(dot + 1), fieldType(type));
          }
        });
    fields.forEach((scope, types) -> scopes.put(scope, new EventSchema(types, false)));
    Compiled compiled = Expressions.compile(rule, scopes);
    double[] scores = new double[rows.size()];
    Map<String, Map<String, @Nullable Object>> row = new HashMap<>();
    for (int i = 0; i < scores.length; i++) {
      row.clear();
      for (String name : compiled.fields()) {
        int dot = name.indexOf('.');
        row.computeIfAbsent(name.substring(0, dot), scope -> new HashMap<>())
            .put(name.substring(dot + 1), rows.value(name, i));
      }
      scores[i] = compiled.asDouble(row);
    }
    return scores;
  }

  private static FieldType fieldType(ColumnType type) {
    return switch (type) {
      case NUMBER -> FieldType.NUMBER;
      case INTEGER -> FieldType.INTEGER;
      case BOOLEAN -> FieldType.BOOLEAN;
      case TIMESTAMP -> FieldType.TIMESTAMP;
      case TEXT -> FieldType.STRING;
    };
  }
}
