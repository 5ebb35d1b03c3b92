// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MaximumMeanDiscrepancyTest {

  /** Pairs of standard normal columns with the given correlation. */
  private static double[][] rows(long seed, int size, double correlation) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[size][];
    for (int i = 0; i < size; i++) {
      double x = random.nextGaussian();
      double y = correlation * x + Math.sqrt(1 - correlation * correlation) * random.nextGaussian();
      rows[i] = new double[] {x, y};
    }
    return rows;
  }

  @Test
  void test_correlationAppears_foundAlthoughEveryColumnIsUnchanged() {
    double[][] reference = rows(1, 400, 0);
    double[][] current = rows(2, 400, 0.8);
    assertThat(MaximumMeanDiscrepancy.test(reference, current, 199, 1).pValue()).isLessThan(0.01);
    for (int c = 0; c < 2; c++) {
      int column = c;
      double[] before = Arrays.stream(reference).mapToDouble(row -> row[column]).toArray();
      double[] after = Arrays.stream(current).mapToDouble(row -> row[column]).toArray();
      assertThat(KolmogorovSmirnov.test(before, after).pValue()).isGreaterThan(0.01);
    }
  }

  @Test
  void test_unchangedPairs_falseAlarmsNearTheLevel() {
    int alarms = 0;
    for (int run = 0; run < 200; run++) {
      TestOutcome outcome =
          MaximumMeanDiscrepancy.test(
              rows(2L * run, 40, 0.5), rows(2L * run + 1, 40, 0.5), 99, run);
      alarms += outcome.pValue() <= 0.05 ? 1 : 0;
    }
    assertThat(alarms).isLessThanOrEqualTo(20);
  }

  @Test
  void test_outsideTheLimits_refused() {
    assertThatThrownBy(() -> MaximumMeanDiscrepancy.test(rows(1, 1, 0), rows(1, 5, 0), 99, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MaximumMeanDiscrepancy.test(rows(1, 5, 0), rows(1, 1001, 0), 99, 1))
        .hasMessageContaining("1001");
  }
}
