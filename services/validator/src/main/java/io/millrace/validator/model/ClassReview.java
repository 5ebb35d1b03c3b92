// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import io.millrace.datasets.ClassStage;
import io.millrace.datasets.DatasetManifest;
import io.millrace.validator.model.ClassReport.Stage;
import io.millrace.validator.model.Evaluation.Check;
import io.millrace.validator.model.Evaluation.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The classes of the rows that a model was made of, from its dataset's manifest. */
final class ClassReview {
  private static final String PREDICTED = "predicted";
  private static final double POSITIVE = 0.5;

  private ClassReview() {}

  /**
   * @param manifest of the dataset; null where it is not known
   * @param scores of the model on the held-out rows, probabilities of class 1
   */
  static ClassReport of(@Nullable DatasetManifest manifest, boolean regression, double[] scores) {
    if (regression) {
      return ClassReport.unknown("the label is a quantity: it has no classes");
    }
    List<ClassStage> counted = manifest == null ? null : manifest.labels().stages();
    if (manifest == null || counted == null) {
      return ClassReport.unknown(
          "the dataset's manifest counts no classes: they are more than 100, or it was made before"
              + " they were counted");
    }
    Map<String, ClassStage> byName = new HashMap<>();
    counted.forEach(each -> byName.put(each.stage(), each));
    boolean byClass = manifest.request().containsKey("negatives");
    Stage collected =
        ClassReport.first(ClassStage.COLLECTED, rows(byName.get(ClassStage.COLLECTED)));
    Stage allowed = chosen(ClassStage.ALLOWED, collected, byName, false);
    Stage sampled = chosen(ClassStage.SAMPLED, allowed, byName, byClass);
    Stage train = chosen(ClassStage.TRAIN, sampled, byName, false);
    Stage held = chosen(ClassStage.EVAL, sampled, byName, false);
    List<Stage> stages = new ArrayList<>(List.of(collected, allowed, sampled, train, held));
    if (collected.rows().keySet().stream().allMatch(each -> each.equals("0") || each.equals("1"))) {
      Map<String, Long> predicted = new TreeMap<>(Map.of("0", 0L, "1", 0L));
      for (double score : scores) {
        predicted.merge(score >= POSITIVE ? "1" : "0", 1L, Long::sum);
      }
      stages.add(ClassReport.predicted(PREDICTED, held, predicted));
    }
    return new ClassReport(null, stages);
  }

  private static Map<String, Long> rows(@Nullable ClassStage stage) {
    return stage == null ? Map.of() : stage.rows();
  }

  private static Stage chosen(
      String name, Stage from, Map<String, ClassStage> byName, boolean askedFor) {
    ClassStage stage = byName.get(name);
    Map<String, Long> rows = new TreeMap<>();
    from.rows().keySet().forEach(each -> rows.put(each, 0L));
    rows.putAll(rows(stage));
    return ClassReport.chosen(name, from, rows, stage == null ? null : stage.weights(), askedFor);
  }

  /** What is said of it among the checks; an uneven choice is left to a person. */
  static Check check(ClassReport report) {
    String unknown = report.unknown();
    if (unknown != null) {
      return new Check("class balance", Outcome.NOT_APPLIED, unknown);
    }
    List<String> ratios =
        report.stages().stream().map(each -> each.name() + " " + ratio(each.ratio())).toList();
    List<String> jumps =
        report.jumps().stream()
            .flatMap(each -> java.util.stream.Stream.ofNullable(each.jump()))
            .map(ClassReport.Jump::message)
            .toList();
    return new Check(
        "class balance",
        jumps.isEmpty() ? Outcome.PASSED : Outcome.INCONCLUSIVE,
        jumps.isEmpty()
            ? "ratio of the classes: " + String.join(", ", ratios)
            : String.join("; ", jumps) + "; ratio of the classes: " + String.join(", ", ratios));
  }

  private static String ratio(@Nullable Double ratio) {
    return ratio == null ? "one class only" : String.format(Locale.ROOT, "%.2f to 1", ratio);
  }

  /** Figures by name. */
  static Map<String, Double> figures(ClassReport report) {
    Map<String, Double> figures = new TreeMap<>();
    for (Stage stage : report.stages()) {
      Double ratio = stage.ratio();
      if (ratio != null) {
        figures.put("data.classes." + stage.name() + ".ratio", ratio);
      }
    }
    return figures;
  }
}
