// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import io.millrace.datasets.ColumnType;
import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import io.millrace.features.expression.Compiled;
import io.millrace.features.expression.Expressions;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Scores rows by the simple rules that an application declares. */
final class HeuristicScores {
  private HeuristicScores() {}

  /**
   * Scores in row order; NaN where the rule says nothing.
   *
   * @throws io.millrace.features.expression.ExpressionException where the rule names a column that
   *     the dataset lacks
   */
  static double[] of(String rule, EvaluationRows rows) {
    Map<String, Map<String, FieldType>> fields = new TreeMap<>();
    rows.columns()
        .forEach(
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
    Compiled compiled = Expressions.compile(rule, scopes);
    double[] scores = new double[rows.size()];
    for (int i = 0; i < scores.length; i++) {
      Map<String, Map<String, @Nullable Object>> row = new HashMap<>();
      for (String name : compiled.fields()) {
        int dot = name.indexOf('.');
        row.computeIfAbsent(name.substring(0, dot), scope -> new HashMap<>())
            .put(name.substring(dot + 1), rows.value(name, i));
      }
      scores[i] = compiled.asDouble(row);
    }
    return scores;
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
