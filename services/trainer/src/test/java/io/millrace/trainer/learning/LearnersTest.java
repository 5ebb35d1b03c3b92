// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.models.engine.Device;
import io.millrace.models.engine.Engines;
import io.millrace.models.engine.LinearWeights;
import io.millrace.models.engine.Scorer;
import io.millrace.stats.metric.Auc;
import io.millrace.trainer.adapter.djl.MlpLearner;
import io.millrace.trainer.adapter.xgboost.XgboostLearner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LearnersTest {
  private static final Learner.StepListener DEAF = (step, train, validation) -> {};

  static Stream<Learner> learners() {
    return Stream.of(new XgboostLearner(1), new LogisticLearner(), new MlpLearner(Device.CPU));
  }

  @ParameterizedTest
  @MethodSource("learners")
  void fit_knownProbabilities_comesNearTheBestReachableArea(Learner learner) throws Exception {
    boolean linear = learner instanceof LogisticLearner;
    Synthetic train = Synthetic.of(20_000, 6, linear, 1);
    Synthetic valid = Synthetic.of(5_000, 6, linear, 2);
    Synthetic eval = Synthetic.of(20_000, 6, linear, 3);
    Map<String, Double> parameters = learner.space().standard(Map.of());
    Learner.Fit fit =
        learner.fit(
            train.rows(),
            valid.rows(),
            learner.steps(parameters),
            Task.BINARY,
            parameters,
            5,
            DEAF);
    double best = auc(eval.probabilities(), eval.rows());
    // The areas' standard error is below 0.004; by luck of the rows a model may pass the best.
    assertThat(auc(score(learner, fit, eval.rows()), eval.rows()))
        .isBetween(best - 0.02, best + 0.004);
    assertThat(fit.validationLoss()).isLessThan(0.6);
  }

  @ParameterizedTest
  @MethodSource("learners")
  void fit_sameSeedTwice_givesSameWeights(Learner learner) throws Exception {
    Matrix rows = Synthetic.of(3_000, 5, false, 7).rows();
    Map<String, Double> parameters = learner.space().standard(Map.of());
    byte[] first = learner.fit(rows, null, 3, Task.BINARY, parameters, 11, DEAF).weights();
    byte[] second = learner.fit(rows, null, 3, Task.BINARY, parameters, 11, DEAF).weights();
    assertThat(second).isEqualTo(first);
  }

  @ParameterizedTest
  @MethodSource("learners")
  void fit_withoutValidation_makesTheStepsAskedFor(Learner learner) throws Exception {
    Matrix rows = Synthetic.of(2_000, 5, false, 7).rows();
    List<Integer> steps = new ArrayList<>();
    Learner.Fit fit =
        learner.fit(
            rows,
            null,
            4,
            Task.BINARY,
            learner.space().standard(Map.of()),
            1,
            (step, train, none) -> {
              steps.add(step);
              assertThat(train).isFinite();
              assertThat(none).isNaN();
            });
    assertThat(steps.getLast()).isEqualTo(4);
    assertThat(fit.bestStep()).isEqualTo(4);
  }

  @ParameterizedTest
  @MethodSource("learners")
  void fit_regression_findsTheLine(Learner learner) throws Exception {
    SplittableRandom random = new SplittableRandom(3);
    int n = 6_000;
    float[] values = new float[n * 2];
    float[] labels = new float[n];
    float[] weights = new float[n];
    Arrays.fill(weights, 1);
    for (int i = 0; i < n; i++) {
      values[2 * i] = (float) random.nextGaussian();
      values[2 * i + 1] = (float) random.nextGaussian();
      labels[i] = 3 * values[2 * i] - values[2 * i + 1] + 2;
    }
    Matrix rows = new Matrix(values, 2, labels, weights);
    Map<String, Double> parameters = learner.space().standard(Map.of());
    Learner.Fit fit =
        learner.fit(rows, null, learner.steps(parameters), Task.REGRESSION, parameters, 1, DEAF);
    double[] scores = score(learner, fit, rows);
    double squares = 0;
    for (int i = 0; i < n; i++) {
      squares += (scores[i] - labels[i]) * (scores[i] - labels[i]);
    }
    assertThat(Math.sqrt(squares / n)).isLessThan(0.25); // deviation of the labels: 3.16
  }

  @ParameterizedTest
  @MethodSource("learners")
  void fit_zeroWeights_areAsIfTheRowsWereAbsent(Learner learner) throws Exception {
    Matrix good = Synthetic.of(4_000, 4, true, 9).rows();
    float[] labels = good.labels().clone();
    float[] weights = good.weights().clone();
    for (int i = 0; i < labels.length; i += 2) {
      labels[i] = 1 - labels[i]; // wrong, and without weight
      weights[i] = 0;
    }
    Matrix rows = new Matrix(good.values(), 4, labels, weights);
    Map<String, Double> parameters = learner.space().standard(Map.of());
    Learner.Fit fit = learner.fit(rows, null, 10, Task.BINARY, parameters, 1, DEAF);
    assertThat(auc(score(learner, fit, good), good)).isGreaterThan(0.75);
  }

  @ParameterizedTest
  @MethodSource("learners")
  void fit_interrupted_stops(Learner learner) {
    Matrix rows = Synthetic.of(2_000, 5, false, 7).rows();
    Thread.currentThread().interrupt();
    org.assertj.core.api.Assertions.assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(
            () ->
                learner.fit(
                    rows, rows, 1_000, Task.BINARY, learner.space().standard(Map.of()), 1, DEAF));
    assertThat(Thread.interrupted()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("learners")
  void standard_unknownOrWrongParameter_isRefusedByName(Learner learner) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> learner.space().standard(Map.of("max_dept", 3)))
        .withMessageContaining("unknown parameter 'max_dept'; there are ");
    String name = learner.space().parameters().getFirst().name();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> learner.space().standard(Map.of(name, "many")))
        .withMessageContaining("parameter '" + name + "' must be");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> learner.space().standard(Map.of(name, -1)))
        .withMessageContaining("parameter '" + name + "' must be");
  }

  @Test
  void environment_everyEngine_saysItsVersion() {
    assertThat(new XgboostLearner(1).environment().get("xgboost")).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(new MlpLearner(Device.CPU).environment()).containsKeys("pytorch", "djl");
  }

  @Test
  void draw_manyTimes_staysInRangeAndKeepsWhatIsGiven() {
    for (Learner learner : learners().toList()) {
      SplittableRandom random = new SplittableRandom(1);
      String fixed = learner.space().parameters().getFirst().name();
      for (int i = 0; i < 500; i++) {
        Map<String, Double> drawn = learner.space().draw(random, Map.of(fixed, 1));
        assertThat(drawn).containsEntry(fixed, 1.0);
        assertThat(learner.space().standard(drawn)).isEqualTo(drawn);
      }
    }
  }

  @Test
  void logistic_optimum_hasNoGradient() throws Exception {
    Matrix rows = Synthetic.of(2_000, 4, true, 21).rows();
    Learner.Fit fit =
        new LogisticLearner()
            .fit(rows, null, 500, Task.BINARY, Map.of("l2", 0.01, "iterations", 500.0), 1, DEAF);
    LinearWeights weights = LinearWeights.fromBytes(fit.weights());
    double[] gradient = new double[5];
    for (int row = 0; row < rows.rows(); row++) {
      double z = weights.intercept();
      for (int i = 0; i < 4; i++) {
        z += weights.coefficients().get(i) * rows.values()[row * 4 + i];
      }
      double miss = 1 / (1 + Math.exp(-z)) - rows.labels()[row];
      for (int i = 0; i < 4; i++) {
        gradient[i] += miss * rows.values()[row * 4 + i] / rows.rows();
      }
      gradient[4] += miss / rows.rows();
    }
    for (int i = 0; i < 4; i++) {
      assertThat(gradient[i] + 0.01 * weights.coefficients().get(i))
          .isCloseTo(0, Offset.offset(1e-5));
    }
    assertThat(gradient[4]).isCloseTo(0, Offset.offset(1e-5));
  }

  @Test
  void run_search_isRepeatableAndBestFirst() throws Exception {
    Matrix fit = Synthetic.of(2_000, 5, false, 1).rows();
    Matrix validation = Synthetic.of(1_000, 5, false, 2).rows();
    Learner learner = new XgboostLearner(1);
    List<RandomSearch.Trial> first = search(learner, fit, validation, 4, 7);
    assertThat(search(learner, fit, validation, 4, 7)).isEqualTo(first);
    assertThat(first)
        .hasSize(4)
        .isSortedAccordingTo((a, b) -> Double.compare(a.validationLoss(), b.validationLoss()));
    assertThat(first.stream().filter(trial -> trial.number() == 1).findFirst().orElseThrow())
        .extracting(RandomSearch.Trial::parameters)
        .isEqualTo(learner.space().standard(Map.of("rounds", 40)));
    assertThat(search(learner, fit, validation, 4, 8)).isNotEqualTo(first);
  }

  private static List<RandomSearch.Trial> search(
      Learner learner, Matrix fit, Matrix validation, int trials, long seed) throws Exception {
    return RandomSearch.run(
        learner,
        fit,
        validation,
        Task.BINARY,
        Map.of("rounds", 40),
        trials,
        seed,
        () -> false,
        trial -> {});
  }

  private static double[] score(Learner learner, Learner.Fit fit, Matrix rows) {
    try (Scorer scorer =
        Engines.of(learner.algorithm()).load(fit.weights(), rows.width(), Device.CPU)) {
      return scorer.score(rows.values(), rows.rows());
    }
  }

  private static double auc(double[] scores, Matrix rows) {
    boolean[] labels = new boolean[rows.rows()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = rows.labels()[i] > 0.5;
    }
    return Auc.of(scores, labels);
  }
}
