// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.datasets.ClassStage;
import io.millrace.datasets.DatasetManifest;
import io.millrace.validator.model.ClassReport.Stage;
import io.millrace.validator.model.Evaluation.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Spam is class 1, ham class 0. */
final class ClassReviewTest {
  private static final Map<String, Long> COLLECTED = Map.of("0", 4_827L, "1", 747L);
  private static final double[] SCORES = {0.1, 0.2, 0.9, 0.5};

  private static ClassStage stage(String name, Map<String, Long> rows) {
    Map<String, Double> weights = new TreeMap<>();
    rows.forEach((label, count) -> weights.put(label, (double) count));
    return new ClassStage(name, rows, weights);
  }

  private static DatasetManifest manifest(
      Map<String, Object> request, @Nullable List<ClassStage> stages) {
    return new DatasetManifest(
        "d1",
        "mail",
        1,
        "h",
        "test",
        0,
        1,
        0,
        Map.of(),
        List.of(),
        List.of(),
        new DatasetManifest.LabelBalance(0, Map.of(), 0.5, stages),
        request,
        "h");
  }

  private static ClassReport report(
      Map<String, Long> allowed,
      Map<String, Long> sampled,
      Map<String, Long> train,
      Map<String, Long> held) {
    return ClassReview.of(
        manifest(
            Map.of(),
            List.of(
                stage(ClassStage.COLLECTED, COLLECTED),
                stage(ClassStage.ALLOWED, allowed),
                stage(ClassStage.SAMPLED, sampled),
                stage(ClassStage.TRAIN, train),
                stage(ClassStage.EVAL, held))),
        false,
        SCORES);
  }

  @Test
  void of_countsOfTheManifest_givesShareAndRatioOfEveryStage() {
    Map<String, Long> train = Map.of("0", 3_862L, "1", 598L);
    Map<String, Long> held = Map.of("0", 965L, "1", 149L);
    ClassReport report = report(COLLECTED, COLLECTED, train, held);

    Stage collected = report.stages().getFirst();
    assertThat(collected.shares().get("1")).isCloseTo(0.134, within(0.0005));
    assertThat(collected.ratio()).isCloseTo(6.46, within(0.005));
    assertThat(report.stages())
        .extracting(Stage::name)
        .containsExactly("collected", "allowed", "sampled", "train", "eval", "predicted");
    assertThat(report.stages().getLast().rows()).isEqualTo(Map.of("0", 2L, "1", 2L));
    assertThat(report.stages()).extracting(Stage::jump).containsOnlyNulls();
    Evaluation.Check check = ClassReview.check(report);
    assertThat(check.outcome()).isEqualTo(Outcome.PASSED);
    assertThat(check.message()).contains("collected 6.46 to 1", "eval 6.48 to 1");
    assertThat(ClassReview.figures(report)).containsKey("data.classes.train.ratio");
  }

  @Test
  void of_filterThatRemovesFourFifthsOfSpam_namesItsStageAndNoOther() {
    Map<String, Long> filtered = Map.of("0", 4_827L, "1", 149L);
    Map<String, Long> train = Map.of("0", 3_862L, "1", 119L);
    Map<String, Long> held = Map.of("0", 965L, "1", 30L);
    for (String planted : List.of(ClassStage.ALLOWED, ClassStage.SAMPLED)) {
      Map<String, Long> allowed = planted.equals(ClassStage.ALLOWED) ? filtered : COLLECTED;
      ClassReport report = report(allowed, filtered, train, held);

      assertThat(report.jumps()).extracting(Stage::name).containsExactly(planted);
      Stage stage = report.jumps().getFirst();
      assertThat(stage.ratio()).isCloseTo(32.4, within(0.05));
      assertThat(Objects.requireNonNull(stage.jump()).factor()).isCloseTo(0.2, within(0.005));
      Evaluation.Check check = ClassReview.check(report);
      assertThat(check.outcome()).isEqualTo(Outcome.INCONCLUSIVE);
      assertThat(check.message())
          .startsWith(planted + ": of class ")
          .contains("80.1 %", "0.0 %", "6.46 to 1");
    }
  }

  @Test
  void of_classThatIsGone_isNamed() {
    Map<String, Long> none = Map.of("0", 4_827L);
    ClassReport report = report(none, none, none, Map.of());
    assertThat(report.jumps()).extracting(Stage::name).containsExactly(ClassStage.ALLOWED);
    assertThat(report.jumps().getFirst().rows()).containsEntry("1", 0L);
    assertThat(report.jumps().getFirst().ratio()).isNull();
  }

  @Test
  void of_classThatWentBefore_isNotNamedForALaterStage() {
    Map<String, Long> gone = Map.of("0", 4_000L, "1", 2_000L, "2", 0L);
    Stage from = ClassReport.first("collected", gone);
    Map<String, Long> tilted = Map.of("0", 4_000L, "1", 400L, "2", 0L);
    ClassReport.Jump jump =
        Objects.requireNonNull(ClassReport.chosen("allowed", from, tilted, null, false).jump());
    assertThat(jump.name()).isNotEqualTo("2");
    assertThat(jump.message()).contains("80.0 %").doesNotContain("NaN");
  }

  @Test
  void of_fewRowsLeftOutByChance_isNoJump() {
    Map<String, Long> smaller = Map.of("0", 4_820L, "1", 744L);
    ClassReport report = report(smaller, smaller, smaller, Map.of());
    assertThat(report.jumps()).isEmpty();
  }

  @Test
  void of_negativesThinnedOnRequest_saysSoAndGivesTheSharesBefore() {
    ClassStage thinned =
        new ClassStage(
            ClassStage.SAMPLED, Map.of("0", 747L, "1", 747L), Map.of("0", 4_827.0, "1", 747.0));
    ClassReport report =
        ClassReview.of(
            manifest(
                Map.of("negatives", 0.1547),
                List.of(
                    stage(ClassStage.COLLECTED, COLLECTED),
                    stage(ClassStage.ALLOWED, COLLECTED),
                    thinned)),
            false,
            SCORES);
    Stage sampled = report.stages().get(2);
    assertThat(sampled.shares()).containsEntry("1", 0.5);
    assertThat(Objects.requireNonNull(sampled.weightedShares()).get("1"))
        .isCloseTo(747 / 5_574.0, within(1e-12));
    assertThat(Objects.requireNonNull(sampled.jump()).askedFor()).isTrue();
    assertThat(report.jumps()).isEmpty();
    assertThat(ClassReview.check(report).outcome()).isEqualTo(Outcome.PASSED);
  }

  @Test
  void of_manyClasses_comparesCommonestWithRarestAndNamesTheOneThatMoved() {
    Map<String, Long> three = Map.of("0", 4_000L, "1", 2_000L, "2", 1_000L);
    Map<String, Long> fewer = Map.of("0", 4_000L, "1", 2_000L, "2", 200L);
    ClassReport report =
        ClassReview.of(
            manifest(
                Map.of(),
                List.of(
                    stage(ClassStage.COLLECTED, three),
                    stage(ClassStage.ALLOWED, fewer),
                    stage(ClassStage.SAMPLED, fewer),
                    stage(ClassStage.TRAIN, fewer))),
            false,
            SCORES);
    assertThat(report.stages().getFirst().ratio()).isEqualTo(4);
    assertThat(Objects.requireNonNull(report.jumps().getFirst().jump()).name()).isEqualTo("2");
    assertThat(report.jumps()).hasSize(1);
    assertThat(report.stages()).extracting(Stage::name).doesNotContain("predicted");
  }

  @Test
  void of_labelWithoutClasses_saysWhy() {
    ClassReport quantity = ClassReview.of(manifest(Map.of(), null), true, SCORES);
    assertThat(quantity.unknown()).contains("quantity");
    assertThat(ClassReview.check(quantity).outcome()).isEqualTo(Outcome.NOT_APPLIED);
    assertThat(ClassReview.of(manifest(Map.of(), null), false, SCORES).unknown())
        .contains("counts no classes");
    assertThat(ClassReview.of(null, false, SCORES).stages()).isEmpty();
  }
}
