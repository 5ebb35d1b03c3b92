// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import static io.millrace.validator.model.Metrics.number;

import io.millrace.common.definition.FeatureScopes;
import io.millrace.common.definition.GatesDefinition;
import io.millrace.stats.metric.Auc;
import io.millrace.validator.model.Evaluation.Check;
import io.millrace.validator.model.Evaluation.Outcome;
import io.millrace.validator.model.Evaluation.Slice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Measures the slices that an application names; see {@link ModelJudge} for the rules. */
final class SliceJudge {
  /** Values of a column that are measured apart, the most frequent ones. */
  static final int MAX_VALUES = 50;

  private static final String MISSING = "(missing)";

  private SliceJudge() {}

  static void judge(
      GatesDefinition gates,
      EvaluationRows rows,
      ModelJudge.Trial trial,
      boolean[] labels,
      List<Check> checks,
      List<Slice> slices,
      Map<String, Double> figures) {
    Double bound = gates.auc() == null ? null : gates.auc().everySliceAtLeast();
    for (String named : gates.slices()) {
      String column = FeatureScopes.inputOf(named);
      if (!rows.has(column)) {
        checks.add(
            new Check(
                "slice " + named, Outcome.INCONCLUSIVE, "the dataset lacks '" + column + "'"));
        continue;
      }
      int inconclusive = 0;
      int measured = 0;
      for (Map.Entry<String, List<Integer>> part : parts(rows, column)) {
        Slice slice = slice(column, part, trial, labels, bound, checks);
        slices.add(slice);
        if (slice.outcome() == Outcome.INCONCLUSIVE) {
          inconclusive++;
        } else {
          measured++;
        }
        if (slice.auc() != null) {
          figures.put("slice." + column + "=" + part.getKey() + ".auc", slice.auc());
        }
      }
      checks.add(
          new Check(
              "slices " + named,
              inconclusive > 0 && measured == 0 ? Outcome.INCONCLUSIVE : Outcome.PASSED,
              measured + " measured, " + inconclusive + " with too few rows to say"));
    }
  }

  private static List<Map.Entry<String, List<Integer>>> parts(EvaluationRows rows, String column) {
    Map<String, List<Integer>> parts = new TreeMap<>();
    for (int row = 0; row < rows.size(); row++) {
      Object value = rows.value(column, row);
      parts
          .computeIfAbsent(value == null ? MISSING : value.toString(), any -> new ArrayList<>())
          .add(row);
    }
    List<Map.Entry<String, List<Integer>>> sorted = new ArrayList<>(parts.entrySet());
    sorted.sort(
        Comparator.comparingInt((Map.Entry<String, List<Integer>> part) -> part.getValue().size())
            .reversed());
    return sorted.subList(0, Math.min(MAX_VALUES, sorted.size()));
  }

  private static Slice slice(
      String column,
      Map.Entry<String, List<Integer>> part,
      ModelJudge.Trial trial,
      boolean[] labels,
      @Nullable Double bound,
      List<Check> checks) {
    int size = part.getValue().size();
    double[] scores = new double[size];
    double[] others = new double[size];
    boolean[] outcomes = new boolean[size];
    int positives = 0;
    for (int i = 0; i < size; i++) {
      int row = part.getValue().get(i);
      scores[i] = trial.scores()[row];
      others[i] = trial.champion() == null ? 0 : trial.champion()[row];
      outcomes[i] = labels[row];
      positives += labels[row] ? 1 : 0;
    }
    int rarer = Math.min(positives, size - positives);
    if (rarer == 0) {
      return new Slice(
          column, part.getKey(), size, positives, null, null, null, null, Outcome.INCONCLUSIVE);
    }
    Auc.Estimate area = Auc.estimate(scores, outcomes, Metrics.CONFIDENCE);
    Double championAuc = trial.champion() == null ? null : (Double) Auc.of(others, outcomes);
    Outcome outcome = Outcome.INCONCLUSIVE;
    if (size >= ModelJudge.SLICE_ROWS && rarer >= ModelJudge.SLICE_CLASS_ROWS) {
      outcome = Outcome.PASSED;
      String name = "slice " + column + "=" + part.getKey();
      if (bound != null && area.auc() < bound) {
        outcome = Outcome.FAILED;
        checks.add(
            new Check(
                name,
                Outcome.FAILED,
                "AUC %s [%s, %s] in %d rows, at least %s"
                    .formatted(
                        number(area.auc()),
                        number(area.interval().low()),
                        number(area.interval().high()),
                        size,
                        bound)));
      }
      if (championAuc != null) {
        Auc.Comparison compared = Auc.compare(others, scores, outcomes, Metrics.CONFIDENCE);
        if (ModelJudge.significantlyWorse(compared)) {
          outcome = Outcome.FAILED;
          checks.add(
              new Check(
                  name + " against the champion",
                  Outcome.FAILED,
                  "AUC %s against %s in %d rows, p = %s"
                      .formatted(
                          number(compared.second()),
                          number(compared.first()),
                          size,
                          number(compared.pValue()))));
        }
      }
    }
    return new Slice(
        column,
        part.getKey(),
        size,
        positives,
        area.auc(),
        area.interval().low(),
        area.interval().high(),
        championAuc,
        outcome);
  }
}
