// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import java.util.Map;

/**
 * One prediction and what came of it.
 *
 * @param score of the positive class, within [0, 1]; the prediction is positive from a half on
 * @param actual whether it was positive
 * @param inputs of the model by name
 */
record Outcome(double score, boolean actual, Map<String, Object> inputs) {
  boolean predicted() {
    return score >= 0.5;
  }

  boolean isWrong() {
    return predicted() != actual;
  }

  /** A probability moved on the scale of odds so that {@code threshold} becomes a half. */
  static double score(double probability, double threshold) {
    double odds = probability / (1 - probability) * (1 - threshold) / threshold;
    return probability >= 1 ? 1 : odds / (1 + odds);
  }
}
