// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.Seeds;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BinaryMetricsTest {
  private static final double[] SCORES = {0.1, 0.4, 0.35, 0.8};
  private static final boolean[] LABELS = {false, false, true, true};

  @Test
  void batch_smallExample_byHand() {
    assertThat(BinaryMetrics.logLoss(SCORES, LABELS))
        .isCloseTo(
            -(Math.log(0.9) + Math.log(0.6) + Math.log(0.35) + Math.log(0.8)) / 4, within(1e-12));
    assertThat(BinaryMetrics.brier(SCORES, LABELS))
        .isCloseTo((0.01 + 0.16 + 0.4225 + 0.04) / 4, within(1e-12));
    // Precision 1 at the first positive, 2/3 at the second: 0.5·1 + 0.5·2/3.
    assertThat(BinaryMetrics.averagePrecision(SCORES, LABELS)).isCloseTo(5 / 6.0, within(1e-12));
    // Ten ranges, each with one row but (0.3, 0.4]: gaps 0.1, 0.4, 0.65, 0.2.
    assertThat(BinaryMetrics.expectedCalibrationError(SCORES, LABELS, 10))
        .isCloseTo((0.1 + 0.4 + 0.65 + 0.2) / 4, within(1e-12));
    assertThat(BinaryMetrics.logLoss(new double[] {0}, new boolean[] {true}))
        .isCloseTo(-Math.log(1e-15), within(1e-6));
    assertThatThrownBy(() -> BinaryMetrics.brier(new double[] {1.1}, new boolean[] {true}))
        .hasMessageContaining("1.1");
  }

  @Test
  void confusion_atHalf_byHand() {
    Confusion c = Confusion.at(0.4, SCORES, LABELS);
    assertThat(c).isEqualTo(new Confusion(1, 1, 1, 1));
    assertThat(c.accuracy()).isEqualTo(0.5);
    assertThat(c.f1()).isEqualTo(0.5);
    assertThat(c.plus(c).count()).isEqualTo(8);
    assertThat(Confusion.at(2, SCORES, LABELS).precision()).isNaN();
    assertThat(Confusion.at(2, SCORES, LABELS).recall()).isZero();
  }

  @Test
  void accumulator_splitAndMerged_equalsBatchWithinItsBound() {
    SplittableRandom random = new SplittableRandom(9);
    int size = 20_000;
    double[] scores = new double[size];
    boolean[] labels = new boolean[size];
    BinaryMetricsAccumulator[] parts = {
      new BinaryMetricsAccumulator(), new BinaryMetricsAccumulator()
    };
    for (int i = 0; i < size; i++) {
      scores[i] = random.nextDouble();
      labels[i] = random.nextDouble() < scores[i] * scores[i];
      parts[i % 2].add(scores[i], labels[i]);
    }
    parts[0].merge(BinaryMetricsAccumulator.fromBytes(parts[1].toBytes()));
    BinaryMetricsAccumulator all = parts[0];
    assertThat(all.logLoss()).isCloseTo(BinaryMetrics.logLoss(scores, labels), within(1e-9));
    assertThat(all.brier()).isCloseTo(BinaryMetrics.brier(scores, labels), within(1e-9));
    assertThat(all.expectedCalibrationError())
        .isCloseTo(BinaryMetrics.expectedCalibrationError(scores, labels, 10), within(1e-9));
    assertThat(all.aucErrorBound()).isLessThan(1e-3);
    assertThat(all.auc()).isCloseTo(Auc.of(scores, labels), within(all.aucErrorBound()));
    assertThat(all.averagePrecisionErrorBound()).isPositive().isLessThan(2e-3);
    assertThat(all.averagePrecision())
        .isCloseTo(
            BinaryMetrics.averagePrecision(scores, labels),
            within(all.averagePrecisionErrorBound()));
    assertThat(all.confusionAt(0.5)).isEqualTo(Confusion.at(0.5, scores, labels));
    List<CalibrationBin> curve = all.calibration();
    List<CalibrationBin> batch = BinaryMetrics.calibration(scores, labels, 10);
    assertThat(curve).hasSize(10).hasSameSizeAs(batch);
    for (int i = 0; i < 10; i++) {
      assertThat(curve.get(i).count()).isEqualTo(batch.get(i).count());
      assertThat(curve.get(i).positiveShare()).isEqualTo(batch.get(i).positiveShare());
      assertThat(curve.get(i).meanPrediction())
          .isCloseTo(batch.get(i).meanPrediction(), within(1e-12));
    }
    assertThat(all.summary().weight()).isEqualTo(size);
    assertThat(all.summary().meanPrediction()).isCloseTo(0.5, within(0.01));
  }

  /** Two rows in one bin: with the positive first the area is 1, with it last 1/2. */
  @Test
  void averagePrecision_rowsOfOneBin_boundReachesBothOrders() {
    BinaryMetricsAccumulator one = new BinaryMetricsAccumulator();
    one.add(0.50001, true);
    one.add(0.50002, false);
    assertThat(one.averagePrecision()).isEqualTo(0.5);
    assertThat(one.averagePrecisionErrorBound()).isCloseTo(0.5, within(1e-12));
    assertThat(new BinaryMetricsAccumulator().averagePrecision()).isNaN();
  }

  /** Figures of Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", 2001. */
  @Test
  void interval_ofShare_wilson() {
    Interval half = Interval.ofShare(5, 10, 0.95);
    assertThat(half.low()).isCloseTo(0.2366, within(1e-4));
    assertThat(half.high()).isCloseTo(0.7634, within(1e-4));
    assertThat(Interval.ofShare(0, 10, 0.95).low()).isZero();
    assertThat(Interval.ofShare(0, 10, 0.95).high()).isCloseTo(0.2775, within(1e-4));
    assertThat(Interval.ofShare(0, 0, 0.95)).isEqualTo(new Interval(0, 1, 0.95));
    assertThatThrownBy(() -> Interval.ofShare(3, 2, 0.95))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /**
   * A calibrated model's prediction lies inside 95 % of the intervals, an overconfident one's not.
   */
  @Test
  void calibration_intervals_tellCalibratedFromOverconfident() {
    int[] inside = new int[2];
    int[] all = new int[2];
    Seeds.each(
        200,
        (seed, random) -> {
          int rows = 2_000;
          double[] honest = new double[rows];
          double[] bold = new double[rows];
          boolean[] labels = new boolean[rows];
          for (int i = 0; i < rows; i++) {
            honest[i] = random.nextDouble();
            labels[i] = random.nextDouble() < honest[i];
            bold[i] = Math.clamp(0.5 + 1.4 * (honest[i] - 0.5), 0, 1);
          }
          double[][] models = {honest, bold};
          for (int m = 0; m < 2; m++) {
            for (CalibrationBin bin : BinaryMetrics.calibration(models[m], labels, 10)) {
              all[m]++;
              inside[m] += bin.interval(0.95).contains(bin.meanPrediction()) ? 1 : 0;
            }
          }
        });
    assertThat((double) inside[0] / all[0]).isBetween(0.935, 0.965);
    assertThat((double) inside[1] / all[1]).isLessThan(0.75);
  }

  @Test
  void accumulator_noRowsOrOneClass_nullsInTheSummary() {
    BinaryMetricsAccumulator none = new BinaryMetricsAccumulator();
    assertThat(none.summary().auc()).isNull();
    assertThat(none.summary().logLoss()).isNull();
    none.add(0.3, true);
    assertThat(none.summary().auc()).isNull();
    assertThat(none.summary().brier()).isCloseTo(0.49, within(1e-12));
  }

  @Test
  void regression_splitAndMerged_byHand() {
    RegressionMetricsAccumulator a = new RegressionMetricsAccumulator();
    RegressionMetricsAccumulator b = new RegressionMetricsAccumulator();
    a.add(3, 1);
    a.add(2, 2);
    b.add(0, 4);
    b.add(1, 0);
    a.merge(b);
    assertThat(a.mae()).isEqualTo(7 / 4.0);
    assertThat(a.rmse()).isCloseTo(Math.sqrt(21 / 4.0), within(1e-12));
    assertThat(a.bias()).isCloseTo(-0.25, within(1e-12));
    assertThat(a.mape()).isCloseTo((2 + 0 + 1) / 3.0, within(1e-12));
    assertThat(a.r2()).isCloseTo(1 - 21 / 8.75, within(1e-12));
  }

  @Test
  void ndcg_smallExample_byHand() {
    double found = 7 + 3 / (Math.log(3) / Math.log(2)) + 1 / 2.0;
    double best = 7 + 3 / (Math.log(3) / Math.log(2)) + 1 / 2.0;
    assertThat(RankingMetrics.ndcg(new double[] {3, 2, 1}, 3))
        .isCloseTo(found / best, within(1e-12));
    double swapped = 1 + 3 / (Math.log(3) / Math.log(2)) + 7 / 2.0;
    assertThat(RankingMetrics.ndcg(new double[] {1, 2, 3}, 3))
        .isCloseTo(swapped / best, within(1e-12));
    assertThat(RankingMetrics.ndcg(new double[] {0, 0}, 2)).isNaN();
  }
}
