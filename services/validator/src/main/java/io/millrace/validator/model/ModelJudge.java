// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import static io.millrace.validator.model.Metrics.number;

import io.millrace.common.definition.GatesDefinition;
import io.millrace.stats.metric.Auc;
import io.millrace.stats.metric.RegressionMetricsAccumulator;
import io.millrace.validator.model.Evaluation.Check;
import io.millrace.validator.model.Evaluation.Outcome;
import io.millrace.validator.model.Evaluation.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Holds a candidate's scores against gates, baselines and the champion on the same held-out rows.
 * Pure: equal inputs give equal findings.
 *
 * <p>Rules. A threshold is met by a value equal to it. Against the champion a tie (within 1e-10)
 * passes. Without a champion, as on the first run, gates of change do not apply while thresholds
 * and baselines do. The area must exceed that of the constant prediction; a heuristic refuses only
 * where it is significantly better (paired DeLong, p below 0.05). A slice of too few rows is
 * inconclusive: it neither passes nor fails. A slice in which the champion is better by {@value
 * #SLICE_REGRESSION} at p below 0.01 refuses, gate or none.
 */
public final class ModelJudge {
  /** Evaluation rows below which a candidate is refused, where the application names no number. */
  public static final int MINIMUM_ROWS = 200;

  /** Rows of a slice below which it is inconclusive. */
  static final int SLICE_ROWS = 100;

  /** Rows of each class that a slice needs. */
  static final int SLICE_CLASS_ROWS = 20;

  /** Loss of area in a slice that refuses, where significant. */
  static final double SLICE_REGRESSION = 0.05;

  private static final double SLICE_LEVEL = 0.01;
  private static final double HEURISTIC_LEVEL = 0.05;
  private static final double TIE = 1e-10;

  private final GatesDefinition gates;
  private final EvaluationRows rows;
  private final List<Check> checks = new ArrayList<>();
  private final Map<String, Double> figures = new TreeMap<>();
  private final List<Slice> slices = new ArrayList<>();

  private ModelJudge(@Nullable GatesDefinition gates, EvaluationRows rows) {
    this.gates =
        gates == null ? new GatesDefinition(null, null, null, null, List.of(), null) : gates;
    this.rows = rows;
  }

  /**
   * What is judged.
   *
   * @param scores of the candidate, in row order
   * @param champion scores of the champion on the same rows; null without one
   * @param championNote why there are no scores of a champion
   * @param heuristics name → scores; NaN where a heuristic says nothing
   */
  public record Trial(
      boolean regression,
      double[] scores,
      double @Nullable [] champion,
      String championNote,
      Map<String, double[]> heuristics) {}

  /** The findings; {@code before} are the checks that were made already. */
  public record Findings(
      boolean blessed, List<Check> checks, List<Slice> slices, Map<String, Double> figures) {}

  /** Judges. */
  public static Findings judge(
      @Nullable GatesDefinition gates, EvaluationRows rows, Trial trial, List<Check> before) {
    ModelJudge judge = new ModelJudge(gates, rows);
    judge.checks.addAll(before);
    judge.run(trial);
    boolean blessed = judge.checks.stream().noneMatch(each -> each.outcome() == Outcome.FAILED);
    return new Findings(
        blessed, List.copyOf(judge.checks), List.copyOf(judge.slices), Map.copyOf(judge.figures));
  }

  private void run(Trial trial) {
    double[] labels = rows.labels();
    figures.put("gate.rows", (double) labels.length);
    int least = gates.minimumRows() == null ? MINIMUM_ROWS : gates.minimumRows();
    if (labels.length < least) {
      add("rows", false, labels.length + " held-out rows, at least " + least + " are needed");
      return;
    }
    add("rows", true, labels.length + " held-out rows, at least " + least + " are needed");
    if (Arrays.stream(trial.scores()).anyMatch(score -> !Double.isFinite(score))) {
      add("scores", false, "a score is not a number");
      return;
    }
    if (trial.regression()) {
      regression(trial, labels);
      return;
    }
    boolean[] outcomes = new boolean[labels.length];
    int positives = 0;
    for (int i = 0; i < labels.length; i++) {
      outcomes[i] = labels[i] > 0.5;
      positives += outcomes[i] ? 1 : 0;
    }
    figures.put("gate.positives", (double) positives);
    if (positives == 0 || positives == labels.length) {
      add("classes", false, "all held-out rows have the same label, nothing can be measured");
      return;
    }
    binary(trial, outcomes);
  }

  private void binary(Trial trial, boolean[] labels) {
    Metrics own = Metrics.of(trial.scores(), labels);
    figures.putAll(own.flat("gate"));
    double[] constant = new double[labels.length];
    Arrays.fill(constant, Double.isFinite(rows.trainMean()) ? rows.trainMean() : 0.5);
    Metrics majority = Metrics.of(constant, labels);
    figures.putAll(majority.flat("baseline.majority"));
    add(
        "majority",
        own.auc() > majority.auc(),
        "AUC %s [%s, %s] against %s of the constant; log loss %s against %s; accuracy %s against %s"
            .formatted(
                number(own.auc()),
                number(own.low()),
                number(own.high()),
                number(majority.auc()),
                number(own.logLoss()),
                number(majority.logLoss()),
                number(own.accuracy()),
                number(majority.accuracy())));
    trial.heuristics().forEach((name, scores) -> heuristic(name, trial.scores(), scores, labels));
    Metrics champion = trial.champion() == null ? null : Metrics.of(trial.champion(), labels);
    if (champion != null) {
      figures.putAll(champion.flat("champion"));
    }
    gate("auc", gates.auc(), own, champion, Metrics::auc, true, trial, labels);
    gate("logLoss", gates.logLoss(), own, champion, Metrics::logLoss, false, trial, labels);
    gate("accuracy", gates.accuracy(), own, champion, Metrics::accuracy, true, trial, labels);
    gate("ece", gates.ece(), own, champion, Metrics::ece, false, trial, labels);
    SliceJudge.judge(gates, rows, trial, labels, checks, slices, figures);
  }

  private void heuristic(String name, double[] own, double[] scores, boolean[] labels) {
    double[] filled = filled(scores);
    Auc.Comparison compared = Auc.compare(filled, own, labels, Metrics.CONFIDENCE);
    figures.put("baseline." + name + ".auc", compared.first());
    figures.put("baseline." + name + ".auc.difference", compared.difference());
    add(
        "heuristic " + name,
        compared.difference() >= 0 || compared.pValue() >= HEURISTIC_LEVEL,
        "AUC %s against %s, difference %s, p = %s"
            .formatted(
                number(compared.second()),
                number(compared.first()),
                number(compared.difference()),
                number(compared.pValue())));
  }

  /** A heuristic that says nothing ranks the row last. */
  private static double[] filled(double[] scores) {
    double least = Arrays.stream(scores).filter(Double::isFinite).min().orElse(0);
    return Arrays.stream(scores).map(score -> Double.isFinite(score) ? score : least - 1).toArray();
  }

  private void gate(
      String name,
      GatesDefinition.@Nullable Gate gate,
      Metrics own,
      @Nullable Metrics champion,
      ToDoubleFunction<Metrics> figure,
      boolean higherIsBetter,
      Trial trial,
      boolean[] labels) {
    if (gate == null) {
      return;
    }
    double value = figure.applyAsDouble(own);
    if (gate.atLeast() != null) {
      add(
          name + " atLeast",
          value >= gate.atLeast(),
          "%s, at least %s".formatted(number(value), gate.atLeast()));
    }
    if (gate.atMost() != null) {
      add(
          name + " atMost",
          value <= gate.atMost(),
          "%s, at most %s".formatted(number(value), gate.atMost()));
    }
    Double allowed = gate.notWorseThanChampionBy();
    if (allowed == null) {
      return;
    }
    if (champion == null || trial.champion() == null) {
      checks.add(
          new Check(name + " notWorseThanChampionBy", Outcome.NOT_APPLIED, trial.championNote()));
      return;
    }
    double other = figure.applyAsDouble(champion);
    double better = higherIsBetter ? value - other : other - value;
    String paired = "";
    if (name.equals("auc")) {
      Auc.Comparison compared =
          Auc.compare(trial.champion(), trial.scores(), labels, Metrics.CONFIDENCE);
      figures.put("champion.auc.difference", compared.difference());
      figures.put("champion.auc.p", compared.pValue());
      paired =
          ", paired difference %s [%s, %s], p = %s"
              .formatted(
                  number(compared.difference()),
                  number(compared.interval().low()),
                  number(compared.interval().high()),
                  number(compared.pValue()));
    }
    add(
        name + " notWorseThanChampionBy",
        better >= -allowed - TIE,
        "%s against %s of the champion, at most %s worse%s"
            .formatted(number(value), number(other), allowed, paired));
  }

  private void regression(Trial trial, double[] labels) {
    RegressionMetricsAccumulator own = RegressionMetricsAccumulator.of(trial.scores(), labels);
    double[] constant = new double[labels.length];
    Arrays.fill(constant, rows.trainMean());
    double mean = RegressionMetricsAccumulator.of(constant, labels).rmse();
    figures.put("gate.rmse", own.rmse());
    figures.put("gate.mae", own.mae());
    figures.put("baseline.majority.rmse", mean);
    add(
        "majority",
        own.rmse() < mean,
        "RMSE %s against %s of the mean".formatted(number(own.rmse()), number(mean)));
    if (trial.champion() == null) {
      checks.add(new Check("champion", Outcome.NOT_APPLIED, trial.championNote()));
      return;
    }
    double champion = RegressionMetricsAccumulator.of(trial.champion(), labels).rmse();
    figures.put("champion.rmse", champion);
    add(
        "champion",
        own.rmse() <= champion + TIE,
        "RMSE %s against %s of the champion".formatted(number(own.rmse()), number(champion)));
  }

  private void add(String name, boolean passed, String message) {
    checks.add(new Check(name, passed ? Outcome.PASSED : Outcome.FAILED, message));
  }

  /** Whether the second, the candidate, is worse than the first. */
  static boolean significantlyWorse(Auc.Comparison compared) {
    return compared.difference() <= -SLICE_REGRESSION && compared.pValue() < SLICE_LEVEL;
  }
}
