// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import io.millrace.datasets.ColumnType;
import io.millrace.datasets.RowRule;
import java.util.Map;

/** Scores rows by the simple rules of a definition. */
final class Heuristics {
  private Heuristics() {}

  /**
   * Scores of one rule; NaN where it says nothing.
   *
   * @throws IllegalArgumentException where the rule names a column that the dataset lacks
   */
  static double[] scores(String rule, TrainingData.Part rows, Map<String, ColumnType> columns) {
    RowRule compiled = RowRule.compile(rule, columns);
    double[] scores = new double[rows.size()];
    for (int i = 0; i < scores.length; i++) {
      int row = i;
      scores[i] = compiled.score(column -> rows.value(column, row));
    }
    return scores;
  }
}
