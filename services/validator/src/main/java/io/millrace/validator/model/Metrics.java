// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import io.millrace.stats.metric.Auc;
import io.millrace.stats.metric.BinaryMetrics;
import io.millrace.stats.metric.Confusion;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The figures of scores against 0/1 labels of the same rows; the whole of them, never sampled.
 *
 * @param low lower end of DeLong's 95 % interval of the area
 * @param high upper end
 * @param ece expected calibration error, 10 bins
 * @param accuracy at threshold 0.5
 */
public record Metrics(
    double auc,
    double low,
    double high,
    double logLoss,
    double brier,
    double ece,
    double accuracy,
    long positives,
    long rows) {
  static final double CONFIDENCE = 0.95;
  private static final double THRESHOLD = 0.5;

  /** Of probabilities; both classes must be there. */
  static Metrics of(double[] scores, boolean[] labels) {
    Auc.Estimate area = Auc.estimate(scores, labels, CONFIDENCE);
    return new Metrics(
        area.auc(),
        area.interval().low(),
        area.interval().high(),
        BinaryMetrics.logLoss(scores, labels),
        BinaryMetrics.brier(scores, labels),
        BinaryMetrics.expectedCalibrationError(scores, labels, BinaryMetrics.CALIBRATION_BINS),
        Confusion.at(THRESHOLD, scores, labels).accuracy(),
        area.positives(),
        area.positives() + area.negatives());
  }

  /** Figure → value with a prefix. */
  Map<String, Double> flat(String prefix) {
    Map<String, Double> flat = new TreeMap<>();
    flat.put(prefix + ".auc", auc);
    flat.put(prefix + ".auc.low", low);
    flat.put(prefix + ".auc.high", high);
    flat.put(prefix + ".log_loss", logLoss);
    flat.put(prefix + ".brier", brier);
    flat.put(prefix + ".ece", ece);
    flat.put(prefix + ".accuracy", accuracy);
    return flat;
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
