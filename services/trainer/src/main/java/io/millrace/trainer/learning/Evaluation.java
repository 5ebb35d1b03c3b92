// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import io.millrace.stats.metric.Auc;
import io.millrace.stats.metric.BinaryEstimates;
import io.millrace.stats.metric.BinaryMetricsAccumulator;
import io.millrace.stats.metric.Estimate;
import io.millrace.stats.metric.Interval;
import io.millrace.stats.metric.PoissonBootstrap;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Figures of one scorer on one set of rows.
 *
 * @param auc area under the ROC curve with its 95 % interval by DeLong; absent in a regression
 * @param figures {@code average_precision}, {@code f1} (at a half), {@code log_loss}, {@code brier}
 *     and {@code ece} of probabilities; {@code rmse} and {@code mae} in a regression; nothing
 *     besides the area for a rule whose scores are no probabilities
 * @param intervals the 95 % interval of each figure that has one, for independent rows, and as
 *     {@code FIGURE_by_ENTITY} the one for rows that belong together, see {@link #byEntity}
 */
public record Evaluation(
    @Nullable Area auc, Map<String, Double> figures, Map<String, Range> intervals) {
  private static final double CONFIDENCE = 0.95;
  private static final double THRESHOLD = 0.5;
  private static final int REPLICATES = 200;
  private static final int LEAST_KEYS = 50;
  private static final long SEED = 1;

  public Evaluation {
    figures = Collections.unmodifiableMap(new TreeMap<>(figures));
    // Runs that were stored before there were intervals have none.
    intervals =
        intervals == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(intervals));
  }

  /** An area and its interval. */
  public record Area(double value, double low, double high) {}

  /** The ends of an interval. */
  public record Range(double low, double high) {}

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
      return new Evaluation(null, figures, Map.of());
    }
    Map<String, Range> intervals = new TreeMap<>();
    Map<String, Estimate> estimates =
        new TreeMap<>(BinaryEstimates.of(scores, positives(labels), THRESHOLD, CONFIDENCE));
    Estimate area = Objects.requireNonNull(estimates.remove("auc"));
    estimates.forEach(
        (name, estimate) -> {
          // Without a decision for the positive class, or without positives, there is no F1.
          if (Double.isFinite(estimate.value())) {
            figures.put(name, estimate.value());
            intervals.put(name, new Range(estimate.low(), estimate.high()));
          }
        });
    return new Evaluation(new Area(area.value(), area.low(), area.high()), figures, intervals);
  }

  /**
   * With intervals under which all rows of a key are drawn together or not at all, because they
   * share its luck: wider than those for independent rows, by as much as they do. Nothing is added
   * where that tells nothing: below {@value #LEAST_KEYS} keys, or where no key has two rows.
   *
   * @param entity what the keys are of
   * @param keys of each row; a row without one stands on its own
   * @param scores probabilities, as given to {@link #of}
   */
  public Evaluation byEntity(
      String entity, @Nullable String[] keys, double[] scores, double[] labels) {
    long distinct = Arrays.stream(keys).filter(Objects::nonNull).distinct().count();
    if (distinct < LEAST_KEYS || distinct == keys.length) {
      return this;
    }
    PoissonBootstrap<BinaryMetricsAccumulator> bootstrap =
        new PoissonBootstrap<>(REPLICATES, SEED, BinaryMetricsAccumulator::new);
    for (int i = 0; i < keys.length; i++) {
      String key = keys[i];
      double score = scores[i];
      boolean positive = labels[i] > 0.5;
      bootstrap.add(
          key == null ? i : PoissonBootstrap.unit(key),
          (replicate, times) -> replicate.add(score, positive, times));
    }
    Map<String, Range> all = new TreeMap<>(intervals);
    Map<String, ToDoubleFunction<BinaryMetricsAccumulator>> metrics =
        Map.of(
            "auc", BinaryMetricsAccumulator::auc,
            "average_precision", BinaryMetricsAccumulator::averagePrecision,
            "f1", replicate -> replicate.confusionAt(THRESHOLD).f1(),
            "log_loss", BinaryMetricsAccumulator::logLoss,
            "brier", BinaryMetricsAccumulator::brier);
    metrics.forEach(
        (name, metric) -> {
          Interval interval = bootstrap.interval(CONFIDENCE, metric);
          if (Double.isFinite(interval.low())) {
            all.put(name + "_by_" + entity, new Range(interval.low(), interval.high()));
          }
        });
    return new Evaluation(auc, figures, all);
  }

  /** Of a rule that only ranks; a row where it says nothing ranks last. */
  public static Evaluation ofRanking(double[] scores, double[] labels) {
    double[] ranks =
        Arrays.stream(scores)
            .map(score -> Double.isNaN(score) ? Double.NEGATIVE_INFINITY : score)
            .toArray();
    return new Evaluation(area(ranks, positives(labels)), Map.of(), Map.of());
  }

  /** All figures under a prefix, for example {@code eval.auc}, {@code eval.auc_low}. */
  public Map<String, Double> flat(String prefix) {
    Map<String, Double> all = new TreeMap<>();
    figures.forEach((name, value) -> all.put(prefix + "." + name, value));
    intervals.forEach(
        (name, range) -> {
          all.put(prefix + "." + name + "_low", range.low());
          all.put(prefix + "." + name + "_high", range.high());
        });
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
