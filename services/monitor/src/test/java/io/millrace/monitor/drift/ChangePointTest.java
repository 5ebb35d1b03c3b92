// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

final class ChangePointTest {
  private static final int SEEDS = 200;

  /** Where it is found in seeded runs of a mean with standard normal noise, in order. */
  private static int[] found(int size, IntToDoubleFunction mean) {
    int[] found = new int[SEEDS];
    for (int seed = 0; seed < SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double[] values = new double[size];
      for (int i = 0; i < size; i++) {
        values[i] = mean.applyAsDouble(i) + random.nextGaussian();
      }
      found[seed] = ChangePoint.of(values);
    }
    Arrays.sort(found);
    return found;
  }

  private static int share(int[] sorted, double of) {
    return sorted[(int) (of * (SEEDS - 1))];
  }

  @Test
  void of_cleanStep_isFoundExactly() {
    double[] values = new double[1_000];
    Arrays.fill(values, 700, 1_000, 0.8);
    assertThat(ChangePoint.of(values)).isEqualTo(700);
  }

  @Test
  void of_oneNoisyStep_staysAtIt() {
    int[] found = found(5_000, i -> i < 4_500 ? 0 : 1);
    assertThat(share(found, 0.05)).isGreaterThan(4_480);
    assertThat(share(found, 0.95)).isLessThan(4_520);
    assertThat(share(found, 1)).isLessThan(4_600);
  }

  /** The split of largest statistic is that of the decline (10.7 on average, the step has 9.5). */
  @Test
  void of_slightDeclineThenLargeStep_isTheStep() {
    int[] found = found(5_000, i -> i < 1_500 ? 0 : i < 4_850 ? 0.3 : 1);
    assertThat(share(found, 0.05)).isGreaterThan(4_800);
    assertThat(share(found, 0.95)).isLessThan(4_900);
  }

  @Test
  void of_largeStepThenSlightOne_isTheLargeOne() {
    int[] found = found(5_000, i -> i < 3_000 ? 0 : i < 4_000 ? 1 : 1.3);
    assertThat(share(found, 0.05)).isGreaterThan(2_980);
    assertThat(share(found, 0.95)).isLessThan(3_020);
  }

  /** Half of a ramp rises by half: it is not followed to its end. */
  @Test
  void of_ramp_isWithinIt() {
    int[] found = found(4_000, i -> i < 1_000 ? 0 : 2.0 * (i - 1_000) / 3_000);
    assertThat(share(found, 0)).isGreaterThan(1_500);
    assertThat(share(found, 1)).isLessThan(3_000);
  }

  @Test
  void of_almostNothing_isItsBeginning() {
    assertThat(ChangePoint.of(new double[0])).isZero();
    assertThat(ChangePoint.of(new double[] {3})).isZero();
    assertThat(ChangePoint.of(new double[] {0, 1})).isEqualTo(1);
  }
}
