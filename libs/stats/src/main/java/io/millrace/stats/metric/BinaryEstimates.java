// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All figures of predicted probabilities of a binary outcome, each with its interval for
 * independent rows (for rows that belong together see {@link PoissonBootstrap}).
 */
public final class BinaryEstimates {
  private BinaryEstimates() {}

  /**
   * The figures by name: {@code auc} (DeLong), {@code average_precision} (Poisson bootstrap),
   * {@code f1} at the threshold (Wilson), {@code log_loss} and {@code brier} (of a mean), {@code
   * ece} (bounds, see {@link BinaryMetricsAccumulator#expectedCalibrationErrorInterval}). The
   * values are those of the rows; binning is in the intervals alone.
   *
   * @param threshold from which on a probability calls a row positive
   */
  public static Map<String, Estimate> of(
      double[] scores, boolean[] labels, double threshold, double confidence) {
    Labels.requireSameLength(scores.length, labels.length);
    BinaryMetricsAccumulator all = new BinaryMetricsAccumulator();
    for (int i = 0; i < scores.length; i++) {
      all.add(scores[i], labels[i]);
    }
    Map<String, Estimate> figures = new LinkedHashMap<>();
    Auc.Estimate area = Auc.estimate(scores, labels, confidence);
    figures.put("auc", Estimate.of(area.auc(), area.interval()));
    figures.put(
        "average_precision",
        Estimate.of(
            BinaryMetrics.averagePrecision(scores, labels),
            all.averagePrecisionInterval(confidence)));
    Confusion decisions = Confusion.at(threshold, scores, labels);
    figures.put("f1", Estimate.of(decisions.f1(), decisions.f1Interval(confidence)));
    figures.put("log_loss", Estimate.of(all.logLoss(), all.logLossInterval(confidence)));
    figures.put("brier", Estimate.of(all.brier(), all.brierInterval(confidence)));
    figures.put(
        "ece",
        Estimate.of(
            all.expectedCalibrationError(), all.expectedCalibrationErrorInterval(confidence)));
    return Collections.unmodifiableMap(figures);
  }
}
