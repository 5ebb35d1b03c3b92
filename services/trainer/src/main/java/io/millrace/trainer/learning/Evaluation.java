// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import io.millrace.stats.metric.Auc;
import io.millrace.stats.metric.BinaryMetrics;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Figures of one scorer on one set of rows.
 *
 * @param auc area under the ROC curve with its 95 % interval by DeLong; absent in a regression
 * @param figures {@code log_loss}, {@code brier} and {@code ece} of probabilities; {@code rmse} and
 *     {@code mae} in a regression; nothing besides the area for a rule whose scores are no
 *     probabilities
 */
public record Evaluation(@Nullable Area auc, Map<String, Double> figures) {
  private static final double CONFIDENCE = 0.95;
  private static final int CALIBRATION_BINS = 10;

  public Evaluation {
    figures = Collections.unmodifiableMap(new TreeMap<>(figures));
  }

  /** An area and its interval. */
  public record Area(double value, double low, double high) {}

  /** Of a model or a constant that gives probabilities or values. */
  public static Evaluation of(Task task, double[] scores, double[] labels) {
    Map<String, Double> figures = new TreeMap<>();
    if (task == Task.REGRESSION) {
      double squares = 0;
      double absolute = 0;
      for (int i = 0; i < scores.length; i++) {
        double miss = scores[i] - labels[i];
        squares += miss * miss;
        absolute += Math.abs(miss);
      }
      figures.put("rmse", Math.sqrt(squares / scores.length));
      figures.put("mae", absolute / scores.length);
      return new Evaluation(null, figures);
    }
    boolean[] truths = positives(labels);
    figures.put("log_loss", BinaryMetrics.logLoss(scores, truths));
    figures.put("brier", BinaryMetrics.brier(scores, truths));
    figures.put("ece", BinaryMetrics.expectedCalibrationError(scores, truths, CALIBRATION_BINS));
    return new Evaluation(area(scores, truths), figures);
  }

  /** Of a rule that only ranks; a row where it says nothing ranks last. */
  public static Evaluation ofRanking(double[] scores, double[] labels) {
    double[] ranks =
        Arrays.stream(scores)
            .map(score -> Double.isNaN(score) ? Double.NEGATIVE_INFINITY : score)
            .toArray();
    return new Evaluation(area(ranks, positives(labels)), Map.of());
  }

  /** All figures under a prefix, for example {@code eval.auc}, {@code eval.auc_low}. */
  public Map<String, Double> flat(String prefix) {
    Map<String, Double> all = new TreeMap<>();
    figures.forEach((name, value) -> all.put(prefix + "." + name, value));
    if (auc != null) {
      all.put(prefix + ".auc", auc.value());
      all.put(prefix + ".auc_low", auc.low());
      all.put(prefix + ".auc_high", auc.high());
    }
    return all;
  }

  private static Area area(double[] scores, boolean[] truths) {
    Auc.Estimate estimate = Auc.estimate(scores, truths, CONFIDENCE);
    return new Area(estimate.auc(), estimate.interval().low(), estimate.interval().high());
  }

  private static boolean[] positives(double[] labels) {
    boolean[] truths = new boolean[labels.length];
    for (int i = 0; i < labels.length; i++) {
      truths[i] = labels[i] > 0.5;
    }
    return truths;
  }
}
