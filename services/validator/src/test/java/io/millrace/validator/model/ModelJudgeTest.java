// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.common.definition.GatesDefinition;
import io.millrace.common.definition.GatesDefinition.Gate;
import io.millrace.validator.model.Evaluation.Outcome;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelJudgeTest {
  private static final double[] LABELS = {0, 0, 1, 1};
  private static final double[] SCORES = {0.1, 0.4, 0.35, 0.8};

  @TempDir Path folder;

  private static GatesDefinition gates(@Nullable Gate auc, int minimumRows, String... slices) {
    return new GatesDefinition(auc, null, null, null, List.of(slices), minimumRows);
  }

  private static ModelJudge.Trial trial(double[] scores, double @Nullable [] champion) {
    return new ModelJudge.Trial(false, scores, champion, "there is no champion yet", Map.of());
  }

  private EvaluationRows rows(double[] labels) {
    String[] country = new String[labels.length];
    Arrays.fill(country, "de");
    return HeldOut.write(folder, labels, labels, country).rows();
  }

  private static Outcome outcome(ModelJudge.Findings findings, String name) {
    return findings.checks().stream()
        .filter(check -> check.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " not in " + findings.checks()))
        .outcome();
  }

  /** AUC 3 of 4 pairs; log loss −(ln 0.9 + ln 0.6 + ln 0.35 + ln 0.8)/4; accuracy 3 of 4. */
  @Test
  void judge_fourRows_equalsTheHandComputedFigures() {
    ModelJudge.Findings findings =
        ModelJudge.judge(gates(null, 4), rows(LABELS), trial(SCORES, null), List.of());
    assertThat(findings.figures()).containsEntry("gate.auc", 0.75);
    assertThat(findings.figures().get("gate.log_loss")).isCloseTo(0.472287, within(1e-6));
    assertThat(findings.figures()).containsEntry("gate.accuracy", 0.75);
    assertThat(findings.figures()).containsEntry("baseline.majority.auc", 0.5);
    assertThat(findings.figures()).containsEntry("gate.positives", 2.0);
    assertThat(findings.blessed()).isTrue();
  }

  @Test
  void judge_threshold_isMetByItsOwnValue() {
    assertThat(
            outcome(
                ModelJudge.judge(
                    gates(new Gate(0.75, null, null, null), 4),
                    rows(LABELS),
                    trial(SCORES, null),
                    List.of()),
                "auc atLeast"))
        .isEqualTo(Outcome.PASSED);
    ModelJudge.Findings refused =
        ModelJudge.judge(
            gates(new Gate(0.76, null, null, null), 4),
            rows(LABELS),
            trial(SCORES, null),
            List.of());
    assertThat(outcome(refused, "auc atLeast")).isEqualTo(Outcome.FAILED);
    assertThat(refused.blessed()).isFalse();
  }

  @Test
  void judge_firstRunWithoutChampion_thresholdsApplyAndChangeDoesNot() {
    Gate gate = new Gate(0.6, null, 0.0, null);
    ModelJudge.Findings findings =
        ModelJudge.judge(gates(gate, 4), rows(LABELS), trial(SCORES, null), List.of());
    assertThat(outcome(findings, "auc notWorseThanChampionBy")).isEqualTo(Outcome.NOT_APPLIED);
    assertThat(findings.blessed()).isTrue();
  }

  @Test
  void judge_againstChampion_tieAndBetterPassWorseFails() {
    Gate gate = new Gate(0.6, null, 0.0, null);
    double[] perfect = {0.1, 0.2, 0.8, 0.9};
    EvaluationRows rows = rows(LABELS);
    assertThat(
            ModelJudge.judge(gates(gate, 4), rows, trial(SCORES, SCORES.clone()), List.of())
                .blessed())
        .as("0.75 against 0.75")
        .isTrue();
    assertThat(ModelJudge.judge(gates(gate, 4), rows, trial(perfect, SCORES), List.of()).blessed())
        .as("1.0 against 0.75")
        .isTrue();
    ModelJudge.Findings worse =
        ModelJudge.judge(gates(gate, 4), rows, trial(SCORES, perfect), List.of());
    assertThat(worse.blessed()).as("0.75 against 1.0").isFalse();
    assertThat(worse.figures()).containsEntry("champion.auc", 1.0);
    assertThat(worse.figures()).containsEntry("champion.auc.difference", -0.25);
    assertThat(worse.figures()).containsKey("champion.auc.p");
    Gate tolerant = new Gate(0.6, null, 0.25, null);
    assertThat(
            ModelJudge.judge(gates(tolerant, 4), rows, trial(SCORES, perfect), List.of()).blessed())
        .as("0.25 worse is allowed")
        .isTrue();
  }

  @Test
  void judge_tooFewRowsOrOneClass_isRefused() {
    assertThat(
            outcome(
                ModelJudge.judge(gates(null, 5), rows(LABELS), trial(SCORES, null), List.of()),
                "rows"))
        .isEqualTo(Outcome.FAILED);
    assertThat(
            outcome(
                ModelJudge.judge(
                    gates(null, 4),
                    rows(new double[] {1, 1, 1, 1}),
                    trial(SCORES, null),
                    List.of()),
                "classes"))
        .isEqualTo(Outcome.FAILED);
    assertThat(
            outcome(
                ModelJudge.judge(
                    gates(null, 4),
                    rows(LABELS),
                    trial(new double[] {0.1, Double.NaN, 0.2, 0.3}, null),
                    List.of()),
                "scores"))
        .isEqualTo(Outcome.FAILED);
  }

  @Test
  void judge_constantPrediction_isRefusedHoweverAccurate() {
    double[] labels = new double[100];
    Arrays.fill(labels, 0, 95, 0);
    Arrays.fill(labels, 95, 100, 1);
    double[] constant = new double[100];
    Arrays.fill(constant, 0.05);
    ModelJudge.Findings findings =
        ModelJudge.judge(gates(null, 50), rows(labels), trial(constant, null), List.of());
    assertThat(findings.figures()).containsEntry("gate.accuracy", 0.95);
    assertThat(outcome(findings, "majority")).isEqualTo(Outcome.FAILED);
  }

  @Test
  void judge_betterOverallWorseInASlice_isRefusedAndNamesIt() {
    Random random = new Random(3);
    int n = 2_000;
    double[] labels = new double[n];
    double[] champion = new double[n];
    double[] candidate = new double[n];
    String[] country = new String[n];
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextBoolean() ? 1 : 0;
      country[i] = i % 5 == 0 ? "fr" : i % 199 == 1 ? "is" : "de";
      champion[i] = score(labels[i], random, 1.0);
      candidate[i] = score(labels[i], random, country[i].equals("fr") ? 0.2 : 2.0);
    }
    EvaluationRows rows = HeldOut.write(folder, labels, champion, country).rows();
    Gate gate = new Gate(0.6, null, 0.0, null);
    ModelJudge.Findings findings =
        ModelJudge.judge(gates(gate, 200, "country"), rows, trial(candidate, champion), List.of());
    assertThat(outcome(findings, "auc notWorseThanChampionBy")).isEqualTo(Outcome.PASSED);
    assertThat(outcome(findings, "slice event.country=fr against the champion"))
        .isEqualTo(Outcome.FAILED);
    assertThat(findings.blessed()).isFalse();
    assertThat(findings.slices())
        .anySatisfy(
            slice -> {
              assertThat(slice.value()).isEqualTo("is");
              assertThat(slice.outcome()).isEqualTo(Outcome.INCONCLUSIVE);
            });
    assertThat(findings.slices().stream().mapToLong(Evaluation.Slice::rows).sum()).isEqualTo(n);
  }

  private static double score(double label, Random random, double power) {
    return 1 / (1 + Math.exp(-(power * (2 * label - 1) + random.nextGaussian())));
  }

  @Test
  void judge_heuristicSignificantlyBetter_isRefused() {
    Random random = new Random(4);
    double[] labels = new double[600];
    double[] weak = new double[600];
    double[] strong = new double[600];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 2;
      weak[i] = score(labels[i], random, 0.2);
      strong[i] = score(labels[i], random, 2);
    }
    ModelJudge.Trial trial = new ModelJudge.Trial(false, weak, null, "", Map.of("recent", strong));
    ModelJudge.Findings findings =
        ModelJudge.judge(gates(null, 200), rows(labels), trial, List.of());
    assertThat(outcome(findings, "heuristic recent")).isEqualTo(Outcome.FAILED);
    assertThat(findings.figures()).containsKey("baseline.recent.auc");
  }
}
