// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import io.millrace.datasets.RowRule;

/** Scores held-out rows by the simple rules of a definition. */
final class HeuristicScores {
  private HeuristicScores() {}

  /**
   * Scores in row order; NaN where the rule says nothing.
   *
   * @throws io.millrace.features.expression.ExpressionException where the rule names a column that
   *     the dataset lacks
   */
  static double[] of(String rule, EvaluationRows rows) {
    RowRule compiled = RowRule.compile(rule, rows.columns());
    double[] scores = new double[rows.size()];
    for (int i = 0; i < scores.length; i++) {
      int row = i;
      scores[i] = compiled.score(column -> rows.value(column, row));
    }
    return scores;
  }
}
