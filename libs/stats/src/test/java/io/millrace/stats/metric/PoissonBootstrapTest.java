// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class PoissonBootstrapTest {
  private static final int SEEDS = 300;

  /** The mean of whole numbers: sums of them do not depend on the order. */
  private static final class Mean {
    long sum;
    long count;

    void add(long value, int times) {
      sum += value * times;
      count += times;
    }

    void merge(Mean other) {
      sum += other.sum;
      count += other.count;
    }

    double value() {
      return (double) sum / count;
    }
  }

  private static PoissonBootstrap<Mean> means(int replicates, long seed) {
    return new PoissonBootstrap<>(replicates, seed, Mean::new);
  }

  /** Orders of five lines that share most of their deviation; the true mean is 0. */
  @Test
  void interval_rowsThatBelongTogether_holdsWhatRowByRowBreaks() {
    int[] covered = new int[2];
    Seeds.each(
        SEEDS,
        (seed, random) -> {
          PoissonBootstrap<Mean> together = means(200, seed);
          PoissonBootstrap<Mean> apart = means(200, seed);
          for (int order = 0; order < 100; order++) {
            double common = random.nextGaussian();
            for (int line = 0; line < 5; line++) {
              long value = Math.round(1e6 * (common + 0.3 * random.nextGaussian()));
              together.add(order, (mean, times) -> mean.add(value, times));
              apart.add(order * 5L + line, (mean, times) -> mean.add(value, times));
            }
          }
          covered[0] += together.interval(0.95, Mean::value).contains(0) ? 1 : 0;
          covered[1] += apart.interval(0.95, Mean::value).contains(0) ? 1 : 0;
        });
    assertThat((double) covered[0] / SEEDS).isGreaterThan(0.9);
    // The control: the same rows drawn one by one.
    assertThat((double) covered[1] / SEEDS).isLessThan(0.75);
  }

  /** Units are spread over the parts, and each part sees them in another order. */
  @Test
  void merge_partsInAnyOrder_equalsTheWhole() {
    Seeds.each(
        30,
        (seed, random) -> {
          int parts = random.nextInt(1, 5);
          PoissonBootstrap<Mean> whole = means(50, seed);
          List<PoissonBootstrap<Mean>> each = new ArrayList<>();
          for (int i = 0; i < parts; i++) {
            each.add(means(50, seed));
          }
          for (int row = 0; row < 200; row++) {
            long unit = PoissonBootstrap.unit("customer " + random.nextInt(40));
            long value = random.nextInt(1000);
            whole.add(unit, (mean, times) -> mean.add(value, times));
            each.get(random.nextInt(parts)).add(unit, (mean, times) -> mean.add(value, times));
          }
          PoissonBootstrap<Mean> merged = means(50, seed);
          for (PoissonBootstrap<Mean> part : each.reversed()) {
            merged.merge(part, Mean::merge);
          }
          assertThat(merged.interval(0.9, Mean::value)).isEqualTo(whole.interval(0.9, Mean::value));
        });
  }

  /** Against e⁻¹/k!, over units and over replicates. */
  @Test
  void add_manyUnits_timesAreOfPoissonsDistribution() {
    int units = 5_000;
    int replicates = 40;
    long[] seen = new long[21];
    double[][] sums = new double[2][replicates];
    PoissonBootstrap<int[]> bootstrap = new PoissonBootstrap<>(replicates, 7, numbered());
    for (int unit = 0; unit < units; unit++) {
      int half = unit % 2;
      bootstrap.add(
          unit,
          (replicate, times) -> {
            seen[times]++;
            sums[half][replicate[0]] += times;
          });
    }
    double draws = (double) units * replicates;
    double expected = draws / Math.E;
    for (int times = 1; times <= 5; times++) {
      expected /= times;
      assertThat((double) seen[times]).isCloseTo(expected, within(5 * Math.sqrt(expected)));
    }
    // One replicate's units do not move together: what two halves of them take is uncorrelated.
    double covariance = 0;
    double half = units / 2.0;
    for (int i = 0; i < replicates; i++) {
      covariance += (sums[0][i] - half) * (sums[1][i] - half) / replicates;
    }
    assertThat(covariance).isCloseTo(0, within(5 * half / Math.sqrt(replicates)));
  }

  private static Supplier<int[]> numbered() {
    int[] next = {0};
    return () -> new int[] {next[0]++};
  }

  @Test
  void merge_anotherSeedOrNumber_isRefused() {
    assertThatThrownBy(() -> means(20, 1).merge(means(20, 2), Mean::merge))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> means(20, 1).merge(means(21, 1), Mean::merge))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> means(19, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(means(20, 1).interval(0.9, Mean::value).low()).isNaN();
  }
}
