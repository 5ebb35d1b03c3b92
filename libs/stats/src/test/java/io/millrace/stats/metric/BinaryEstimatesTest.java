// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.Seeds;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BinaryEstimatesTest {
  private static final int TRIES = 400;
  private static final int ROWS = 800;
  private static final int MANY = 500_000;
  private static final double CONFIDENCE = 0.95;

  /** Four deviations of a share of 0.95 in so many tries. */
  private static final double TOLERANCE = 4 * Math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / TRIES);

  /** How the true probability hangs on the one that is predicted. */
  private enum Model {
    CALIBRATED,
    TOO_SURE,
    A_LITTLE_HIGH;

    double truth(double predicted) {
      return switch (this) {
        case CALIBRATED -> predicted;
        case TOO_SURE -> 0.5 * predicted + 0.1;
        case A_LITTLE_HIGH -> 0.9 * predicted;
      };
    }
  }

  /** Predictions lean to the low side: about one row in three is positive. */
  private static Map<String, Estimate> estimates(Model model, SplittableRandom random, int rows) {
    double[] scores = new double[rows];
    boolean[] labels = new boolean[rows];
    for (int i = 0; i < rows; i++) {
      scores[i] = Math.pow(random.nextDouble(), 2);
      labels[i] = random.nextDouble() < model.truth(scores[i]);
    }
    return BinaryEstimates.of(scores, labels, 0.5, CONFIDENCE);
  }

  /** Over so many rows that their own error is nothing beside the intervals'. */
  private static Map<String, Double> truths(Model model) {
    Map<String, Double> truths = new TreeMap<>();
    estimates(model, new SplittableRandom(99), MANY)
        .forEach((name, estimate) -> truths.put(name, estimate.value()));
    if (model == Model.CALIBRATED) {
      truths.put("ece", 0.0);
    }
    return truths;
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void of_manyStreams_intervalsHoldTheTruthAsOftenAsTheySay(Model model) {
    Map<String, Double> truths = truths(model);
    Map<String, Integer> covered = new TreeMap<>();
    Map<String, Integer> coveredByHalf = new TreeMap<>();
    Seeds.each(
        TRIES,
        (_, random) ->
            estimates(model, random, ROWS)
                .forEach(
                    (name, estimate) -> {
                      double truth = truths.get(name);
                      double middle = (estimate.low() + estimate.high()) / 2;
                      double half = (estimate.high() - estimate.low()) / 2;
                      covered.merge(name, Math.abs(truth - middle) <= half ? 1 : 0, Integer::sum);
                      coveredByHalf.merge(
                          name, Math.abs(truth - middle) <= half / 2 ? 1 : 0, Integer::sum);
                    }));
    truths
        .keySet()
        .forEach(
            name -> {
              double share = (double) covered.get(name) / TRIES;
              assertThat(share).as(name).isGreaterThanOrEqualTo(CONFIDENCE - TOLERANCE);
              if (!name.equals("ece")) {
                assertThat(share).as(name).isLessThanOrEqualTo(CONFIDENCE + TOLERANCE);
                // The control: intervals of half the width are caught.
                assertThat((double) coveredByHalf.get(name) / TRIES)
                    .as(name)
                    .isLessThan(CONFIDENCE - 2 * TOLERANCE);
              }
            });
  }

  /** The bounds of the calibration error are wide, not idle: they tell a bad model from a good. */
  @Test
  void of_modelTooSure_calibrationErrorIsAboveZeroAndOfAGoodModelNot() {
    int above = 0;
    int aboveOfGood = 0;
    for (int seed = 0; seed < 100; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      above += estimates(Model.TOO_SURE, random, ROWS).get("ece").low() > 0.02 ? 1 : 0;
      aboveOfGood += estimates(Model.CALIBRATED, random, ROWS).get("ece").low() > 0 ? 1 : 0;
    }
    assertThat(above).isGreaterThan(95);
    assertThat(aboveOfGood).isLessThan(8);
  }

  @Test
  void of_values_areThoseOfTheRows() {
    double[] scores = {0.1, 0.4, 0.35, 0.8};
    boolean[] labels = {false, false, true, true};
    Map<String, Estimate> found = BinaryEstimates.of(scores, labels, 0.5, 0.95);
    assertThat(found.keySet())
        .containsExactly("auc", "average_precision", "f1", "log_loss", "brier", "ece");
    // The example of scikit-learn's average_precision_score and roc_auc_score.
    assertThat(found.get("average_precision").value()).isCloseTo(0.8333333, within(1e-6));
    assertThat(found.get("auc").value()).isEqualTo(0.75);
    assertThat(found.get("f1").value()).isCloseTo(2.0 / 3, within(1e-12));
    found.values().forEach(each -> assertThat(each.value()).isBetween(each.low(), each.high()));
  }

  @Test
  void of_noRows_isNotDefinedAndCouldBeAnything() {
    BinaryEstimates.of(new double[0], new boolean[0], 0.5, 0.95)
        .forEach(
            (name, estimate) -> {
              assertThat(estimate.value()).as(name).isNaN();
              assertThat(estimate.low()).as(name).isZero();
              assertThat(estimate.high()).as(name).isGreaterThanOrEqualTo(1);
            });
  }

  @Test
  void averagePrecisionInterval_weightsOfTwo_asWideAsOfSomeRows() {
    BinaryMetricsAccumulator ones = new BinaryMetricsAccumulator();
    BinaryMetricsAccumulator twos = new BinaryMetricsAccumulator();
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 1_000; i++) {
      double score = random.nextDouble();
      boolean label = random.nextDouble() < score;
      ones.add(score, label);
      twos.add(score, label, 2);
    }
    assertThat(twos.averagePrecision()).isCloseTo(ones.averagePrecision(), within(1e-12));
    // The bound of the bins' error is one of rows; the rest is the same draw.
    assertThat(twos.averagePrecisionInterval(0.95).low())
        .isCloseTo(ones.averagePrecisionInterval(0.95).low(), within(2e-3));
    assertThat(twos.expectedCalibrationErrorInterval(0.95).high())
        .isCloseTo(ones.expectedCalibrationErrorInterval(0.95).high(), within(1e-12));
  }
}
