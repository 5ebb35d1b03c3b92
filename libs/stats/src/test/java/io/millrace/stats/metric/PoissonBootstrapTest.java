// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.stats.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class PoissonBootstrapTest {
  private static final int SEEDS = 300;

  private static ToDoubleFunction<double[]> mean(double[] values) {
    return weights -> {
      double sum = 0;
      double all = 0;
      for (int i = 0; i < values.length; i++) {
        sum += weights[i] * values[i];
        all += weights[i];
      }
      return sum / all;
    };
  }

  /** Orders of five lines that share most of their deviation; the true mean is 0. */
  @Test
  void clustered_rowsThatBelongTogether_holdsWhatRowByRowBreaks() {
    int[] covered = new int[2];
    Seeds.each(
        SEEDS,
        (seed, random) -> {
          int orders = 100;
          double[] values = new double[orders * 5];
          List<String> groups = new ArrayList<>();
          for (int order = 0; order < orders; order++) {
            double common = random.nextGaussian();
            for (int line = 0; line < 5; line++) {
              values[order * 5 + line] = common + 0.3 * random.nextGaussian();
              groups.add("order " + order);
            }
          }
          ToDoubleFunction<double[]> mean = mean(values);
          Interval together = PoissonBootstrap.clustered(groups, 200, 0.95, seed, mean);
          Interval apart = PoissonBootstrap.interval(values.length, 200, 0.95, seed, mean);
          covered[0] += together.contains(0) ? 1 : 0;
          covered[1] += apart.contains(0) ? 1 : 0;
        });
    assertThat((double) covered[0] / SEEDS).isGreaterThan(0.9);
    // The control: the same rows drawn one by one.
    assertThat((double) covered[1] / SEEDS).isLessThan(0.75);
  }

  @Test
  void clustered_everyRowItsOwnGroup_sameAsRowByRow() {
    double[] values = new double[50];
    List<Integer> groups = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7;
      groups.add(i);
    }
    assertThat(PoissonBootstrap.clustered(groups, 100, 0.9, 5, mean(values)))
        .isEqualTo(PoissonBootstrap.interval(values.length, 100, 0.9, 5, mean(values)));
    assertThatThrownBy(() -> PoissonBootstrap.clustered(groups, 19, 0.9, 5, mean(values)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(PoissonBootstrap.clustered(List.of(), 20, 0.9, 5, mean(new double[0])).low())
        .isNaN();
  }
}
