// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.common.serde.Json;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final int CUSTOMERS = 300;
  private static final int ORDERS = 8;
  private static final int ROWS = CUSTOMERS * ORDERS;

  private final double[] scores = new double[ROWS];
  private final double[] labels = new double[ROWS];
  private final @Nullable String[] customers = new @Nullable String[ROWS];

  /** All orders of a customer have one score and one outcome: as good as one row each. */
  EvaluationTest() {
    SplittableRandom random = new SplittableRandom(1);
    for (int customer = 0; customer < CUSTOMERS; customer++) {
      double score = random.nextDouble();
      double label = random.nextDouble() < score ? 1 : 0;
      for (int order = 0; order < ORDERS; order++) {
        int row = customer * ORDERS + order;
        scores[row] = score;
        labels[row] = label;
        customers[row] = "customer " + customer;
      }
    }
  }

  @Test
  void of_probabilities_everyFigureLiesInItsInterval() {
    Evaluation found = Evaluation.of(Task.BINARY, scores, labels);
    assertThat(found.figures())
        .containsOnlyKeys("average_precision", "f1", "log_loss", "brier", "ece");
    assertThat(found.intervals()).containsOnlyKeys(found.figures().keySet().toArray(String[]::new));
    found
        .intervals()
        .forEach(
            (name, range) ->
                assertThat(found.figures().get(name)).isBetween(range.low(), range.high()));
    assertThat(found.flat("eval"))
        .containsKeys("eval.auc", "eval.auc_low", "eval.ece", "eval.ece_low", "eval.ece_high");
  }

  /** Eight equal rows say no more than one: an interval √8 as wide. */
  @Test
  void byEntity_rowsThatAreCopies_asWideAsOfOneRowEach() {
    Evaluation found =
        Evaluation.of(Task.BINARY, scores, labels).byEntity("customer", customers, scores, labels);
    Evaluation.Range apart = found.intervals().get("brier");
    Evaluation.Range together = found.intervals().get("brier_by_customer");
    double ratio = (together.high() - together.low()) / (apart.high() - apart.low());
    assertThat(ratio).isCloseTo(Math.sqrt(ORDERS), within(0.15 * Math.sqrt(ORDERS)));
    assertThat(found.intervals())
        .containsKeys(
            "auc_by_customer",
            "average_precision_by_customer",
            "f1_by_customer",
            "log_loss_by_customer");
    // What was there stays.
    assertThat(found.auc()).isEqualTo(Evaluation.of(Task.BINARY, scores, labels).auc());
  }

  @Test
  void byEntity_keysThatTellNothing_addsNothing() {
    Evaluation plain = Evaluation.of(Task.BINARY, scores, labels);
    @Nullable String[] few = new @Nullable String[ROWS];
    @Nullable String[] own = new @Nullable String[ROWS];
    for (int i = 0; i < ROWS; i++) {
      few[i] = "country " + i % 49;
      own[i] = "row " + i;
    }
    assertThat(plain.byEntity("country", few, scores, labels)).isEqualTo(plain);
    assertThat(plain.byEntity("row", own, scores, labels)).isEqualTo(plain);
    assertThat(plain.byEntity("nobody", new @Nullable String[ROWS], scores, labels))
        .isEqualTo(plain);
  }

  @Test
  void of_neverCalledPositive_hasNoF1AndCanBeStored() {
    double[] low = new double[ROWS];
    Arrays.fill(low, 0.1);
    Evaluation found = Evaluation.of(Task.BINARY, low, new double[ROWS]);
    assertThat(found.figures()).doesNotContainKeys("f1", "average_precision");
    Evaluation stored = Evaluation.of(Task.BINARY, scores, labels);
    assertThat(Json.mapper().readValue(Json.mapper().writeValueAsString(stored), Evaluation.class))
        .isEqualTo(stored);
  }

  /** A run that was stored by the version before. */
  @Test
  void read_withoutIntervals_hasNone() {
    Evaluation old =
        Json.mapper()
            .readValue(
                "{\"auc\":{\"value\":0.8,\"low\":0.7,\"high\":0.9},\"figures\":{\"brier\":0.1}}",
                Evaluation.class);
    assertThat(old.intervals()).isEmpty();
    assertThat(old.flat("eval"))
        .containsOnlyKeys("eval.auc", "eval.auc_low", "eval.auc_high", "eval.brier");
  }
}
