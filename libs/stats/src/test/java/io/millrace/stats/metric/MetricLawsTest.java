// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.Seeds;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** The laws of merging metrics, and that 95 % of their intervals hold the truth. */
class MetricLawsTest {
  private static final double CONFIDENCE = 0.95;

  /** Rows of one seed: probabilities, outcomes, weights, and numbers for the regression. */
  private static final class Rows {
    private final double[] scores;
    private final boolean[] labels;
    private final double[] weights;

    private Rows(SplittableRandom random, int size) {
      scores = random.doubles(size).toArray();
      labels = new boolean[size];
      weights = new double[size];
      for (int i = 0; i < size; i++) {
        labels[i] = random.nextDouble() < scores[i];
        weights[i] = random.nextInt(3);
      }
    }

    private BinaryMetricsAccumulator binary(int from, int to) {
      BinaryMetricsAccumulator part = new BinaryMetricsAccumulator();
      for (int i = from; i < to; i++) {
        part.add(scores[i], labels[i], weights[i]);
      }
      return BinaryMetricsAccumulator.fromBytes(part.toBytes());
    }

    private RegressionMetricsAccumulator regression(int from, int to) {
      RegressionMetricsAccumulator part = new RegressionMetricsAccumulator();
      for (int i = from; i < to; i++) {
        part.add(scores[i], weights[i]);
      }
      return part;
    }

    private RankingMetricsAccumulator ranking(int from, int to) {
      RankingMetricsAccumulator part = new RankingMetricsAccumulator(3);
      for (int i = from; i < to; i++) {
        part.add(weights[i], scores[i] < 0.5 ? 0 : 1, labels[i] ? 2 : 0, 0);
      }
      return part;
    }
  }

  private static double[] figures(BinaryMetricsAccumulator a) {
    return DoubleStream.concat(
            DoubleStream.of(
                a.weight(),
                a.auc(),
                a.aucErrorBound(),
                a.averagePrecision(),
                a.logLoss(),
                a.brier()),
            DoubleStream.concat(
                DoubleStream.of(a.expectedCalibrationError()),
                ends(
                    a.aucInterval(CONFIDENCE),
                    a.logLossInterval(CONFIDENCE),
                    a.brierInterval(CONFIDENCE))))
        .toArray();
  }

  private static double[] figures(RegressionMetricsAccumulator a) {
    return DoubleStream.concat(
            DoubleStream.of((double) a.count(), a.mae(), a.rmse(), a.bias(), a.mape(), a.r2()),
            ends(
                a.maeInterval(CONFIDENCE),
                a.rmseInterval(CONFIDENCE),
                a.biasInterval(CONFIDENCE),
                a.mapeInterval(CONFIDENCE)))
        .toArray();
  }

  private static double[] figures(RankingMetricsAccumulator a) {
    return DoubleStream.concat(
            DoubleStream.of((double) a.count(), (double) a.irrelevant(), a.ndcg()),
            ends(a.interval(CONFIDENCE)))
        .toArray();
  }

  private static DoubleStream ends(Interval... intervals) {
    return Arrays.stream(intervals)
        .flatMapToDouble(interval -> DoubleStream.of(interval.low(), interval.high()));
  }

  private static void assertClose(double[] found, double[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      if (Double.isFinite(expected[i])) {
        assertThat(found[i]).as("figure %d", i).isCloseTo(expected[i], within(1e-9));
      } else {
        assertThat((Double) found[i]).as("figure %d", i).isEqualTo((Double) expected[i]);
      }
    }
  }

  @Test
  void merge_anySplitAndOrder_equalsTheWhole() {
    Seeds.each(
        60,
        (seed, random) -> {
          int size = Seeds.size(seed, random, 0, 400);
          Rows rows = new Rows(random, size);
          int a = random.nextInt(size + 1);
          int b = random.nextInt(a, size + 1);
          int[][] parts = {{0, a}, {a, b}, {b, size}};
          for (int[] order : new int[][] {{0, 1, 2}, {2, 0, 1}, {1, 2, 0}}) {
            BinaryMetricsAccumulator binary = new BinaryMetricsAccumulator();
            RegressionMetricsAccumulator regression = new RegressionMetricsAccumulator();
            RankingMetricsAccumulator ranking = new RankingMetricsAccumulator(3);
            for (int part : order) {
              binary.merge(rows.binary(parts[part][0], parts[part][1]));
              regression.merge(rows.regression(parts[part][0], parts[part][1]));
              ranking.merge(rows.ranking(parts[part][0], parts[part][1]));
            }
            assertClose(figures(binary), figures(rows.binary(0, size)));
            assertClose(figures(regression), figures(rows.regression(0, size)));
            assertClose(figures(ranking), figures(rows.ranking(0, size)));
          }
        });
  }

  @Test
  void fromBytes_formatWithoutIntervals_figuresAndNoInterval() {
    BinaryMetricsAccumulator all = new Rows(new SplittableRandom(1), 200).binary(0, 200);
    byte[] bytes = all.toBytes();
    byte[] old = new byte[bytes.length - 3 * Double.BYTES];
    int sums = 1 + 3 * Double.BYTES;
    System.arraycopy(bytes, 0, old, 0, sums);
    System.arraycopy(bytes, sums + 3 * Double.BYTES, old, sums, old.length - sums);
    old[0] = 1;
    BinaryMetricsAccumulator restored = BinaryMetricsAccumulator.fromBytes(old);
    assertThat(restored.summary()).isEqualTo(all.summary());
    assertThat(restored.aucInterval(CONFIDENCE)).isEqualTo(new Interval(0, 1, CONFIDENCE));
    assertThat(restored.brierInterval(CONFIDENCE)).isEqualTo(new Interval(0, 1, CONFIDENCE));
    assertThat(restored.averagePrecisionInterval(CONFIDENCE))
        .isEqualTo(new Interval(0, 1, CONFIDENCE));
    assertThat(restored.expectedCalibrationErrorInterval(CONFIDENCE))
        .isEqualTo(new Interval(0, 1, CONFIDENCE));
    assertThat(restored.logLossInterval(CONFIDENCE).high()).isInfinite();
    assertThat(all.brierInterval(CONFIDENCE).high()).isLessThan(0.3);
  }

  @Test
  void intervals_noRowsAndOne_claimNothing() {
    BinaryMetricsAccumulator one = new BinaryMetricsAccumulator();
    RegressionMetricsAccumulator error = new RegressionMetricsAccumulator();
    RankingMetricsAccumulator list = new RankingMetricsAccumulator(3);
    for (int rows = 0; rows < 2; rows++) {
      assertThat(one.aucInterval(CONFIDENCE)).isEqualTo(new Interval(0, 1, CONFIDENCE));
      assertThat(one.brierInterval(CONFIDENCE)).isEqualTo(new Interval(0, 1, CONFIDENCE));
      assertThat(error.rmseInterval(CONFIDENCE).high()).isInfinite();
      assertThat(error.biasInterval(CONFIDENCE).low()).isEqualTo(Double.NEGATIVE_INFINITY);
      assertThat(list.interval(CONFIDENCE)).isEqualTo(new Interval(0, 1, CONFIDENCE));
      one.add(0.7, true);
      error.add(1, 3);
      list.add(0, 1);
      list.add(0, 0);
    }
    assertThat(list.irrelevant()).isEqualTo(2);
    assertThatThrownBy(() -> list.merge(new RankingMetricsAccumulator(2)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** With unit weights the interval is DeLong's, but for the ties of one bin. */
  @Test
  void aucInterval_unitWeights_likeDeLongs() {
    SplittableRandom random = new SplittableRandom(4);
    Rows rows = new Rows(random, 500);
    BinaryMetricsAccumulator binned = new BinaryMetricsAccumulator();
    for (int i = 0; i < 500; i++) {
      binned.add(rows.scores[i], rows.labels[i]);
    }
    Interval exact = Auc.estimate(rows.scores, rows.labels, CONFIDENCE).interval();
    double bound = binned.aucErrorBound();
    assertThat(binned.aucInterval(CONFIDENCE).low()).isCloseTo(exact.low() - bound, within(1e-3));
    assertThat(binned.aucInterval(CONFIDENCE).high()).isCloseTo(exact.high() + bound, within(1e-3));
  }

  /** How often each interval holds the mean of all seeds, beside half of its width as a control. */
  @Test
  void intervals_thousandStreams_holdTheTruthAsOftenAsTheySay() {
    int runs = 1_000;
    double[][] values = new double[7][runs];
    Interval[][] intervals = new Interval[7][runs];
    for (int run = 0; run < runs; run++) {
      Rows rows = new Rows(new SplittableRandom(run), 400);
      BinaryMetricsAccumulator binary = new BinaryMetricsAccumulator();
      for (int i = 0; i < 400; i++) {
        binary.add(rows.scores[i], rows.labels[i]);
      }
      RegressionMetricsAccumulator regression = rows.regression(0, 400);
      RankingMetricsAccumulator ranking = rows.ranking(0, 400);
      double[] found = {
        binary.auc(),
        binary.logLoss(),
        binary.brier(),
        regression.mae(),
        regression.rmse(),
        regression.bias(),
        ranking.ndcg()
      };
      Interval[] around = {
        binary.aucInterval(CONFIDENCE),
        binary.logLossInterval(CONFIDENCE),
        binary.brierInterval(CONFIDENCE),
        regression.maeInterval(CONFIDENCE),
        regression.rmseInterval(CONFIDENCE),
        regression.biasInterval(CONFIDENCE),
        ranking.interval(CONFIDENCE)
      };
      for (int i = 0; i < 7; i++) {
        values[i][run] = found[i];
        intervals[i][run] = around[i];
      }
    }
    for (int i = 0; i < 7; i++) {
      double truth = Arrays.stream(values[i]).average().orElseThrow();
      int held = 0;
      int heldByHalf = 0;
      for (int run = 0; run < runs; run++) {
        Interval each = intervals[i][run];
        held += each.contains(truth) ? 1 : 0;
        double quarter = (each.high() - each.low()) / 4;
        heldByHalf += Math.abs(values[i][run] - truth) <= quarter ? 1 : 0;
      }
      System.out.printf("metric %d: %d of %d hold, %d by half%n", i, held, runs, heldByHalf);
      assertThat(held).as("metric %d", i).isBetween(925, 985);
      assertThat(heldByHalf).as("metric %d", i).isLessThan(800);
    }
  }
}
