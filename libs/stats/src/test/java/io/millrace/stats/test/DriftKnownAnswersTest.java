// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.distance.CdfDistance;
import io.millrace.stats.profile.EmpiricalCdf;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Figures of Evidently, its public tests/stattests/test_stattests.py at commit 05d85bb (the 0.7
 * series, with the tests under evidently.legacy), and of textbooks. Evidently's Cramér-von Mises
 * figure 0.8076839 is the case "evidently" of two-sample.csv.
 */
class DriftKnownAnswersTest {

  @Test
  void goodnessOfFit_evidentlyDice_sameFigure() {
    double[] reference = {16, 18, 16, 14, 12, 12};
    double[] current = {16, 16, 16, 16, 16, 8};
    assertThat(ChiSquared.goodnessOfFit(reference, current).pValue())
        .isCloseTo(0.67309, within(1e-5));
    double[] twice = {32, 36, 32, 28, 24, 24};
    assertThat(ChiSquared.goodnessOfFit(twice, current).pValue()).isCloseTo(0.67309, within(1e-5));
    assertThat(ChiSquared.twoSample(reference, reference).pValue()).isEqualTo(1);
  }

  @Test
  void andersonDarling_evidentlySamples_sameFigure() {
    double[] reference = {38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0};
    double[] current = {39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8};
    assertThat(AndersonDarling.test(reference, current).pValue()).isCloseTo(0.0635, within(1e-3));
  }

  @Test
  void likelihoodRatio_evidentlyCategories_sameFigure() {
    double[] reference = {5, 5, 8};
    double[] current = {4, 6, 8};
    assertThat(LikelihoodRatio.goodnessOfFit(reference, current).pValue())
        .isCloseTo(0.8176, within(1e-4));
    assertThat(LikelihoodRatio.twoSample(reference, reference))
        .isEqualTo(new TestOutcome(0, 1, 18, 18));
    // A category that neither window has says nothing; one that only one has is no division by 0.
    assertThat(LikelihoodRatio.twoSample(new double[] {3, 0, 9}, new double[] {4, 0, 0}).pValue())
        .isEqualTo(LikelihoodRatio.twoSample(new double[] {3, 9}, new double[] {4, 0}).pValue());
  }

  /** Evidently's figure is of the one-sided test: half of the two-sided one. */
  @Test
  void mannWhitney_evidentlyDice_twiceTheirFigure() {
    double[] reference = repeated(16, 18, 16, 14, 12, 12);
    double[] current = repeated(16, 16, 16, 16, 16, 8);
    assertThat(MannWhitney.test(reference, current).pValue() / 2).isCloseTo(0.481, within(1e-3));
  }

  private static double[] repeated(int... counts) {
    return IntStream.range(0, counts.length)
        .boxed()
        .flatMapToDouble(i -> DoubleStream.generate(() -> i + 1.0).limit(counts[i]))
        .toArray();
  }

  /** All of Evidently's cases: events and rows of the reference, of the current window, p. */
  @ParameterizedTest
  @CsvSource({
    "45, 90, 60, 90, 0.033",
    "3, 6, 0, 6, 0.181",
    "0, 6, 0, 6, 1",
    "4, 6, 4, 6, 1",
    "0, 6, 6, 6, 0.0021",
    "60, 150, 90, 150, 0.00078",
  })
  void fisherExact_evidentlyCases_sameFigures(int a, int n, int b, int m, double p) {
    assertThat(Proportions.fisherExact(a, n, b, m).pValue()).isCloseTo(p, within(1e-3));
  }

  @Test
  void energy_evidentlySampleMovedByFive_sameFigure() {
    double[] reference = {38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0};
    EmpiricalCdf then = EmpiricalCdf.of(reference);
    assertThat(CdfDistance.ENERGY.between(then, then)).isZero();
    assertThat(CdfDistance.ENERGY.between(then, then.mapped(1, 5))).isCloseTo(1.9, within(0.1));
  }

  @Test
  void zTest_sameShares_one() {
    assertThat(Proportions.zTest(10, 20, 10, 20).pValue()).isEqualTo(1);
    assertThat(Proportions.zTest(0, 20, 0, 30).pValue()).isEqualTo(1);
  }

  /** The worked example of Benjamini and Hochberg's paper: four of fifteen at 0.05. */
  @Test
  void benjaminiHochberg_paperExample_fourRejected() {
    double[] p = {
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
      0.5719, 0.6528, 0.7590, 1.000
    };
    double[] adjusted = BenjaminiHochberg.adjust(p);
    assertThat(Arrays.stream(adjusted).filter(value -> value <= 0.05).count()).isEqualTo(4);
    assertThat(adjusted[3]).isCloseTo(0.0095 * 15 / 4, within(1e-12));
    assertThat(adjusted).isSorted();
  }

  @Test
  void kolmogorovSmirnov_criticalValue_textbookLimit() {
    // 1.358·√((n+m)/(n·m)) at 5 %
    assertThat(KolmogorovSmirnov.criticalValue(0.05, 1000, 1000))
        .isCloseTo(1.3581 * Math.sqrt(2.0 / 1000), within(1e-4));
    assertThat(KolmogorovSmirnov.criticalValue(0.01, 2, 2)).isEqualTo(1);
  }
}
