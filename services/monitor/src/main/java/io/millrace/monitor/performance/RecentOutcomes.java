// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.performance;

import io.millrace.stats.metric.Auc;
import io.millrace.stats.metric.BinaryEstimates;
import io.millrace.stats.metric.BinaryMetrics;
import io.millrace.stats.metric.Estimate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The last outcomes of a version, in the order in which they became known. Not thread-safe. */
public final class RecentOutcomes {
  private static final double CONFIDENCE = 0.95;
  private static final int CALIBRATION_BINS = 10;

  private final int sizeMax;
  private final Deque<Outcome> outcomes = new ArrayDeque<>();

  public RecentOutcomes(int sizeMax) {
    this.sizeMax = sizeMax;
  }

  public void add(Outcome outcome) {
    outcomes.addLast(outcome);
    if (outcomes.size() > sizeMax) {
      outcomes.removeFirst();
    }
  }

  /** Replaces the label of an outcome that is still here. */
  public void correct(Outcome corrected) {
    if (outcomes.removeIf(each -> each.predictionId().equals(corrected.predictionId()))) {
      outcomes.addLast(corrected);
    }
  }

  public int size() {
    return outcomes.size();
  }

  /** The last {@code n}, oldest first; fewer where there are fewer. */
  public List<Outcome> last(int n) {
    List<Outcome> last = new ArrayList<>(Math.min(n, outcomes.size()));
    Iterator<Outcome> newestFirst = outcomes.descendingIterator();
    while (newestFirst.hasNext() && last.size() < n) {
      last.add(newestFirst.next());
    }
    return last.reversed();
  }

  /** All of them, oldest first. */
  public List<Outcome> all() {
    return List.copyOf(outcomes);
  }

  /** Figures of some outcomes; AUC is NaN where only one class is present. */
  public static Quality quality(List<Outcome> outcomes) {
    double[] scores = outcomes.stream().mapToDouble(Outcome::score).toArray();
    boolean[] labels = new boolean[scores.length];
    int positives = 0;
    for (int i = 0; i < labels.length; i++) {
      labels[i] = outcomes.get(i).positive();
      positives += labels[i] ? 1 : 0;
    }
    boolean bothClasses = positives > 1 && labels.length - positives > 1;
    double auc = Double.NaN;
    double standardError = Double.NaN;
    double low = Double.NaN;
    double high = Double.NaN;
    if (bothClasses) {
      Auc.Estimate estimate = Auc.estimate(scores, labels, CONFIDENCE);
      auc = estimate.auc();
      standardError = estimate.standardError();
      low = estimate.interval().low();
      high = estimate.interval().high();
    }
    long from = outcomes.stream().mapToLong(Outcome::momentMs).min().orElse(0);
    long to = outcomes.stream().mapToLong(Outcome::momentMs).max().orElse(0);
    return new Quality(
        from,
        to,
        labels.length,
        positives,
        auc,
        standardError,
        low,
        high,
        labels.length == 0 ? Double.NaN : BinaryMetrics.logLoss(scores, labels),
        labels.length == 0 ? Double.NaN : BinaryMetrics.brier(scores, labels),
        labels.length == 0
            ? Double.NaN
            : BinaryMetrics.expectedCalibrationError(scores, labels, CALIBRATION_BINS));
  }

  /**
   * The figures of some outcomes by name with their 95 % intervals; F1 is of scores from a half.
   */
  static Map<String, Estimate> estimates(List<Outcome> outcomes) {
    double[] scores = new double[outcomes.size()];
    boolean[] labels = new boolean[outcomes.size()];
    for (int i = 0; i < labels.length; i++) {
      scores[i] = Math.clamp(outcomes.get(i).score(), 0, 1);
      labels[i] = outcomes.get(i).positive();
    }
    return BinaryEstimates.of(scores, labels, 0.5, CONFIDENCE);
  }

  /**
   * How good predictions were.
   *
   * @param fromMs earliest moment
   * @param toMs latest moment
   * @param rows outcomes
   * @param positives of these
   * @param auc area under the ROC curve
   * @param aucStandardError DeLong's
   * @param aucLow lower end of the 95 % interval
   * @param aucHigh upper end
   * @param logLoss nats per row
   * @param ece expected calibration error, 10 bins
   */
  public record Quality(
      long fromMs,
      long toMs,
      int rows,
      int positives,
      double auc,
      double aucStandardError,
      double aucLow,
      double aucHigh,
      double logLoss,
      double brier,
      double ece) {}
}
