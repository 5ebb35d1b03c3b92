// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ClassifierTwoSampleTest {

  private static double[][] rows(long seed, int size, int width, Consumer<double[]> change) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[size][width];
    for (double[] row : rows) {
      for (int c = 0; c < width; c++) {
        row[c] = random.nextGaussian();
      }
      change.accept(row);
    }
    return rows;
  }

  private static double[][] rows(long seed, int size, int width) {
    return rows(seed, size, width, row -> {});
  }

  /** Correlation 0 to 0.8 with equal margins: invisible to every test of one column. */
  @Test
  void test_correlationAppears_foundAndBothColumnsNamed() {
    double[][] reference = rows(1, 5_000, 4);
    double[][] current = rows(2, 5_000, 4, row -> row[1] = 0.8 * row[0] + 0.6 * row[1]);
    ClassifierTwoSample.Outcome outcome = ClassifierTwoSample.test(reference, current, 1);
    assertThat(outcome.separability()).isGreaterThan(0.6);
    assertThat(outcome.pValue()).isLessThan(1e-6);
    double[] importance = outcome.importance();
    assertThat(Math.min(importance[0], importance[1]))
        .isGreaterThan(5 * Math.max(Math.abs(importance[2]), Math.abs(importance[3])));
  }

  /** Two of twelve columns move a little: those two are the top separators. */
  @Test
  void test_twoColumnsMove_theyAreTheTopSeparators() {
    double[][] current =
        rows(
            4,
            1_500,
            12,
            row -> {
              row[3] += 0.6;
              row[8] *= 1.8;
            });
    double[] importance = ClassifierTwoSample.test(rows(3, 1_500, 12), current, 1).importance();
    double least = Math.min(importance[3], importance[8]);
    for (int c = 0; c < importance.length; c++) {
      if (c != 3 && c != 8) {
        assertThat(importance[c]).as("column %d", c).isLessThan(least);
      }
    }
  }

  @Test
  void test_missingValuesAppear_found() {
    double[][] current = rows(6, 600, 3, row -> row[2] = row[2] > 0.8 ? Double.NaN : row[2]);
    ClassifierTwoSample.Outcome outcome = ClassifierTwoSample.test(rows(5, 600, 3), current, 1);
    assertThat(outcome.pValue()).isLessThan(0.001);
  }

  /** Over 500 unchanged pairs, alarms at 5 % within three standard errors; separability near ½. */
  @Test
  void test_unchangedWindows_falseAlarmsNearTheLevel() {
    int runs = 500;
    int alarms = 0;
    double sum = 0;
    for (int run = 0; run < runs; run++) {
      ClassifierTwoSample.Outcome outcome =
          ClassifierTwoSample.test(rows(2L * run, 120, 5), rows(2L * run + 1, 160, 5), run);
      alarms += outcome.pValue() < 0.05 ? 1 : 0;
      sum += outcome.separability();
    }
    assertThat(alarms / (double) runs)
        .isLessThanOrEqualTo(0.05 + 3 * Math.sqrt(0.05 * 0.95 / runs));
    assertThat(sum / runs).isBetween(0.49, 0.51);
  }

  @Test
  void test_sameSeed_sameAnswer() {
    double[][] a = rows(1, 200, 3);
    double[][] b = rows(2, 200, 3);
    assertThat(ClassifierTwoSample.test(a, b, 7).separability())
        .isEqualTo(ClassifierTwoSample.test(a, b, 7).separability());
  }

  @Test
  void test_constantOrOddRows_definedResults() {
    double[][] constant = new double[100][2];
    assertThat(ClassifierTwoSample.test(constant, constant.clone(), 1).separability())
        .isEqualTo(0.5);
    double[][] missing =
        rows(
            1,
            100,
            2,
            row -> {
              row[0] = Double.NaN;
              row[1] = Double.POSITIVE_INFINITY;
            });
    ClassifierTwoSample.Outcome outcome = ClassifierTwoSample.test(constant, missing, 1);
    assertThat(outcome.separability()).isEqualTo(1);
    assertThat(outcome.pValue()).isLessThan(1e-6);
  }

  @Test
  void test_outsideTheLimits_refused() {
    assertThatThrownBy(() -> ClassifierTwoSample.test(rows(1, 10, 2), rows(2, 100, 2), 1))
        .hasMessageContaining("10 and 100");
    assertThatThrownBy(() -> ClassifierTwoSample.test(rows(1, 40, 2), rows(2, 40, 3), 1))
        .hasMessageContaining("2 and 3");
  }
}
