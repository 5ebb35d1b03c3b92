// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import java.util.List;

/**
 * Quality of predicted probabilities of a binary outcome, in batch. Probabilities outside [0, 1]
 * are refused; no rows give NaN.
 */
public final class BinaryMetrics {
  /** Probabilities are kept this far from 0 and 1 in the logarithmic loss. */
  public static final double CLIP = 1e-15;

  /** Bins of the expected calibration error unless said otherwise. */
  public static final int CALIBRATION_BINS = 10;

  private BinaryMetrics() {}

  /** Mean of −ln of the probability given to what happened, clipped at {@link #CLIP}. */
  public static double logLoss(double[] scores, boolean[] labels) {
    Labels.requireSameLength(scores.length, labels.length);
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      sum += logLoss(scores[i], labels[i]);
    }
    return sum / scores.length;
  }

  static double logLoss(double score, boolean label) {
    double p = Math.clamp(Labels.requireProbability(score), CLIP, 1 - CLIP);
    return -Math.log(label ? p : 1 - p);
  }

  /** Mean squared difference between probability and outcome (Brier 1950). */
  public static double brier(double[] scores, boolean[] labels) {
    Labels.requireSameLength(scores.length, labels.length);
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      double miss = Labels.requireProbability(scores[i]) - (labels[i] ? 1 : 0);
      sum += miss * miss;
    }
    return sum / scores.length;
  }

  /**
   * Area under precision and recall as average precision: Σ (Rₙ − Rₙ₋₁)·Pₙ over the distinct scores
   * from the highest, without interpolation. NaN without positives.
   */
  public static double averagePrecision(double[] scores, boolean[] labels) {
    Labels.requireSameLength(scores.length, labels.length);
    int[] order = Labels.ascending(scores);
    double positives = Labels.count(labels);
    double hits = 0;
    double sum = 0;
    for (int i = order.length - 1; i >= 0; ) {
      double before = hits;
      double score = scores[order[i]];
      while (i >= 0 && scores[order[i]] == score) {
        hits += labels[order[i--]] ? 1 : 0;
      }
      sum += (hits - before) * hits / (order.length - 1 - i);
    }
    return positives == 0 ? Double.NaN : sum / positives;
  }

  /** Calibration over {@code bins} equal ranges of prediction; empty ranges are left out. */
  public static List<CalibrationBin> calibration(double[] scores, boolean[] labels, int bins) {
    return filled(scores, labels, bins).calibration();
  }

  /**
   * Expected calibration error: mean gap between predicted and observed share over equal ranges of
   * prediction, weighted by rows (Naeini et al., 2015).
   */
  public static double expectedCalibrationError(double[] scores, boolean[] labels, int bins) {
    return filled(scores, labels, bins).expectedCalibrationError();
  }

  private static CalibrationTable filled(double[] scores, boolean[] labels, int bins) {
    Labels.requireSameLength(scores.length, labels.length);
    CalibrationTable table = new CalibrationTable(bins);
    for (int i = 0; i < scores.length; i++) {
      table.add(scores[i], labels[i], 1);
    }
    return table;
  }
}
