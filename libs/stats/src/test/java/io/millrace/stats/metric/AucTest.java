// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.Seeds;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AucTest {

  @Test
  void of_smallExample_byHand() {
    // Pairs won: 0.35 beats 0.1; 0.8 beats 0.1 and 0.4; lost: 0.35 to 0.4.
    assertThat(Auc.of(new double[] {0.1, 0.4, 0.35, 0.8}, new int[] {0, 0, 1, 1})).isEqualTo(0.75);
    assertThat(Auc.of(new double[] {1, 1, 1}, new int[] {0, 1, 1})).isEqualTo(0.5);
  }

  @Test
  void of_oneClassOrBadInput_naNOrRefused() {
    assertThat(Auc.of(new double[] {0.1, 0.2}, new int[] {1, 1})).isNaN();
    assertThat(Auc.of(new double[0], new boolean[0])).isNaN();
    assertThat(Auc.estimate(new double[] {0.1}, new boolean[] {true}, 0.95).auc()).isNaN();
    assertThatThrownBy(() -> Auc.of(new double[] {Double.NaN}, new int[] {1}))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> Auc.of(new double[] {1}, new int[] {2})).hasMessageContaining("2");
    assertThatThrownBy(() -> Auc.of(new double[] {1}, new int[] {1, 0}))
        .hasMessageContaining("lengths");
  }

  /** The definition, pair by pair: the oracle of the sort-based code, ties included. */
  @Test
  void of_anyScores_equalsCountingPairs() {
    Seeds.each(
        100,
        (seed, random) -> {
          int size = Seeds.size(seed, random, 2, 200);
          Rows rows = new Rows(seed, size, 20);
          double exact = naive(rows.first, rows.labels);
          if (Double.isNaN(exact)) {
            assertThat(Auc.of(rows.first, rows.labels)).isNaN();
            return;
          }
          assertThat(Auc.of(rows.first, rows.labels)).isCloseTo(exact, within(1e-12));
        });
  }

  /** DeLong's matrices written out as in the paper: the oracle of the quick form. */
  @Test
  void compare_anyScores_equalsThePaper() {
    Seeds.each(
        50,
        (seed, random) -> {
          int size = Seeds.size(seed, random, 10, 120);
          Rows rows = new Rows(seed, size, 30);
          if (Labels.count(rows.labels) >= 2 && Labels.count(rows.labels) <= size - 2) {
            assertPaper(rows);
          }
        });
  }

  private static void assertPaper(Rows rows) {
    Auc.Comparison quick = Auc.compare(rows.first, rows.second, rows.labels, 0.95);
    double[][] v = structural(rows.first, rows.labels);
    double[][] w = structural(rows.second, rows.labels);
    double variance = 0;
    for (int side = 0; side < 2; side++) {
      double[] difference = new double[v[side].length];
      for (int i = 0; i < difference.length; i++) {
        difference[i] = w[side][i] - v[side][i];
      }
      double mean = Arrays.stream(difference).average().orElseThrow();
      double squares = Arrays.stream(difference).map(d -> (d - mean) * (d - mean)).sum();
      variance += squares / (difference.length - 1) / difference.length;
    }
    assertThat(quick.first()).isCloseTo(naive(rows.first, rows.labels), within(1e-12));
    assertThat(quick.second()).isCloseTo(naive(rows.second, rows.labels), within(1e-12));
    assertThat(quick.standardError()).isCloseTo(Math.sqrt(variance), within(1e-9));
    assertThat(quick.pValue()).isBetween(0.0, 1.0);
  }

  private static final class Rows {
    final double[] first;
    final double[] second;
    final boolean[] labels;

    Rows(long seed, int size, int steps) {
      SplittableRandom random = new SplittableRandom(seed);
      first = new double[size];
      second = new double[size];
      labels = new boolean[size];
      for (int i = 0; i < size; i++) {
        labels[i] = random.nextInt(3) == 0;
        first[i] = (random.nextInt(steps) + (labels[i] ? 4 : 0)) / (double) steps;
        second[i] = (random.nextInt(steps) + (labels[i] ? 6 : 0)) / (double) steps;
      }
    }
  }

  private static double wins(double positive, double negative) {
    return positive > negative ? 1 : positive == negative ? 0.5 : 0;
  }

  private static double naive(double[] scores, boolean[] labels) {
    double[][] parts = structural(scores, labels);
    return parts[1].length == 0 ? Double.NaN : Arrays.stream(parts[0]).average().orElse(Double.NaN);
  }

  /** Mean wins of each positive, and mean losses of each negative. */
  private static double[][] structural(double[] scores, boolean[] labels) {
    int positives = Labels.count(labels);
    double[] v = new double[positives];
    double[] w = new double[labels.length - positives];
    int p = 0;
    int n = 0;
    for (int i = 0; i < labels.length; i++) {
      double sum = 0;
      for (int j = 0; j < labels.length; j++) {
        if (labels[i] != labels[j]) {
          sum += labels[i] ? wins(scores[i], scores[j]) : wins(scores[j], scores[i]);
        }
      }
      if (labels[i]) {
        v[p++] = sum / w.length;
      } else {
        w[n++] = sum / positives;
      }
    }
    return new double[][] {v, w};
  }

  /** Of 1,000 intervals at 95 %, about 950 hold the true area Φ(1/√2). */
  @Test
  void estimate_manySamples_intervalsCover() {
    double truth = 0.7602499389065233;
    int held = 0;
    for (int run = 0; run < 1000; run++) {
      SplittableRandom random = new SplittableRandom(run);
      double[] scores = new double[150];
      boolean[] labels = new boolean[150];
      for (int i = 0; i < 150; i++) {
        labels[i] = i % 3 == 0;
        scores[i] = random.nextGaussian() + (labels[i] ? 1 : 0);
      }
      held += Auc.estimate(scores, labels, 0.95).interval().contains(truth) ? 1 : 0;
    }
    assertThat(held).isBetween(925, 975);
  }

  /** Two equally good models differ significantly in about 5 % of the comparisons. */
  @Test
  void compare_equallyGoodModels_falseAlarmsNearTheLevel() {
    int alarms = 0;
    for (int run = 0; run < 1000; run++) {
      SplittableRandom random = new SplittableRandom(run);
      double[] a = new double[300];
      double[] b = new double[300];
      boolean[] labels = new boolean[300];
      for (int i = 0; i < 300; i++) {
        labels[i] = i % 4 == 0;
        double shared = random.nextGaussian() + (labels[i] ? 1 : 0);
        a[i] = shared + random.nextGaussian();
        b[i] = shared + random.nextGaussian();
      }
      alarms += Auc.compare(a, b, labels, 0.95).pValue() < 0.05 ? 1 : 0;
    }
    assertThat(alarms).isBetween(30, 72);
  }

  @Test
  void estimate_perfectSeparation_intervalStaysOpenBelow() {
    Auc.Estimate estimate =
        Auc.estimate(
            new double[] {1, 2, 3, 4, 5, 6},
            new boolean[] {false, false, false, true, true, true},
            0.95);
    assertThat(estimate.auc()).isEqualTo(1);
    assertThat(estimate.interval().low()).isBetween(0.2, 0.5);
    assertThat(estimate.interval().high()).isEqualTo(1);
  }

  /** One row of a class says nothing of its variance. */
  @Test
  void estimateAndCompare_oneRowOfAClass_nothingClaimed() {
    double[] scores = new double[101];
    double[] worse = new double[101];
    boolean[] labels = new boolean[101];
    for (int i = 0; i < 101; i++) {
      scores[i] = i;
      worse[i] = i == 90 ? 2 : i;
      labels[i] = i == 90;
    }
    Auc.Estimate estimate = Auc.estimate(scores, labels, 0.95);
    assertThat(estimate.auc()).isEqualTo(0.9);
    assertThat(estimate.standardError()).isNaN();
    assertThat(estimate.interval().low()).isZero();
    Auc.Comparison compared = Auc.compare(scores, worse, labels, 0.95);
    assertThat(compared.difference()).isLessThan(-0.8);
    assertThat(compared.pValue()).isEqualTo(1);
    assertThat(compared.interval().low()).isEqualTo(-1);
    assertThat(compared.interval().high()).isEqualTo(1);
  }

  /** Perfect against a constant: no row differs from another, so only their number counts. */
  @ParameterizedTest
  @CsvSource({"2, 0.5", "3, 0.25", "8, 0.0078125"})
  void compare_withoutVariance_pValueOfTheSignTest(int rows, double pValue) {
    double[] constant = new double[2 * rows];
    double[] perfect = new double[2 * rows];
    boolean[] labels = new boolean[2 * rows];
    for (int i = 0; i < 2 * rows; i++) {
      labels[i] = i >= rows;
      perfect[i] = labels[i] ? 1 : 0;
    }
    Auc.Comparison compared = Auc.compare(constant, perfect, labels, 0.95);
    assertThat(compared.difference()).isEqualTo(0.5);
    assertThat(compared.pValue()).isEqualTo(pValue);
    assertThat(compared.interval().low()).isLessThan(0.5);
  }

  @Test
  void poissonBootstrap_auc_intervalLikeDeLongs() {
    Rows rows = new Rows(3, 600, 1000);
    Auc.Estimate estimate = Auc.estimate(rows.first, rows.labels, 0.95);
    PoissonBootstrap<BinaryMetricsAccumulator> bootstrap =
        new PoissonBootstrap<>(500, 1, BinaryMetricsAccumulator::new);
    for (int i = 0; i < rows.labels.length; i++) {
      // Its order is all that counts, and a probability is asked for.
      double score = rows.first[i] / 2;
      boolean label = rows.labels[i];
      bootstrap.add(i, (replicate, times) -> replicate.add(score, label, times));
    }
    Interval boot = bootstrap.interval(0.95, BinaryMetricsAccumulator::auc);
    assertThat(boot.low()).isCloseTo(estimate.interval().low(), within(0.02));
    assertThat(boot.high()).isCloseTo(estimate.interval().high(), within(0.02));
  }
}
