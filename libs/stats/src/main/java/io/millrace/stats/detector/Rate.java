// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

/** The four rates of a two-class confusion matrix, each a share of right answers. */
public enum Rate {
  /** Right among the actual positives: sensitivity, true-positive rate. */
  RECALL,
  /** Right among the actual negatives: true-negative rate. */
  SPECIFICITY,
  /** Right among the predicted positives: positive predictive value. */
  PRECISION,
  /** Right among the predicted negatives. */
  NEGATIVE_PREDICTIVE_VALUE;

  /** Whether an outcome counts in this rate. */
  boolean concerns(boolean actual, boolean predicted) {
    return switch (this) {
      case RECALL -> actual;
      case SPECIFICITY -> !actual;
      case PRECISION -> predicted;
      case NEGATIVE_PREDICTIVE_VALUE -> !predicted;
    };
  }
}
