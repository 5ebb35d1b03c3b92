// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.distance.Histogram.Bucket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DivergenceTest {

  /** Figures of TensorFlow Data Validation, anomalies/metrics_test.cc (LInftyDistanceTests). */
  @Test
  void lInfinity_tfdvExamples_sameFigures() {
    assertThat(lInfinity(Map.of(), Map.of())).isZero();
    assertThat(lInfinity(Map.of("hello", 0.1, "world", 0.9), Map.of("hello", 0.3, "world", 0.7)))
        .isCloseTo(0.2, within(1e-12));
    assertThat(lInfinity(Map.of("b", 0.9, "c", 0.1), Map.of("a", 0.3, "b", 0.7)))
        .isCloseTo(0.3, within(1e-12));
    assertThat(lInfinity(Map.of("a", 0.3, "b", 0.7), Map.of("b", 0.9, "c", 0.1)))
        .isCloseTo(0.3, within(1e-12));
  }

  /**
   * Its figures 0, 0.1 and 0.681818… of the same file; the inputs are rebuilt, since the definition
   * leaves no choice of the outcome: the largest difference of a count over all counts.
   */
  @Test
  void normalizedAbsoluteDifference_tfdvFigures_same() {
    assertThat(normalized(Map.of(), Map.of())).isZero();
    assertThat(normalized(Map.of("hello", 1, "world", 9), Map.of("hello", 3, "world", 7)))
        .isCloseTo(0.1, within(1e-12));
    assertThat(normalized(Map.of("b", 18), Map.of("a", 1, "b", 3)))
        .isCloseTo(0.68181818, within(1e-8));
    // Not blind to size: the same shares of twice the rows differ.
    assertThat(normalized(Map.of("a", 10), Map.of("a", 20))).isCloseTo(1 / 3.0, within(1e-12));
    assertThatThrownBy(() -> normalized(Map.of("a", -1), Map.of())).hasMessageContaining("-1.0");
  }

  private static double normalized(Map<String, Integer> p, Map<String, Integer> q) {
    return NormalizedAbsoluteDifference.between(AlignedBins.ofCategories(p, q));
  }

  /** Agreement with SciPy and NumPy; the file names its versions. */
  @Test
  void between_scipyTables_sameFigures() throws IOException {
    try (InputStream in = DivergenceTest.class.getResourceAsStream("divergences.csv")) {
      List<String> lines =
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .toList();
      assertThat(lines).hasSize(24);
      for (String line : lines) {
        String[] part = line.split(";");
        assertThat(Divergence.valueOf(part[1]).between(numbers(part[3]), numbers(part[4])))
            .as(part[0] + " " + part[1])
            .isCloseTo(Double.parseDouble(part[2]), within(1e-9));
      }
    }
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  private static double lInfinity(Map<String, Double> p, Map<String, Double> q) {
    return Divergence.L_INFINITY.between(AlignedBins.ofCategories(p, q));
  }

  /** Figures of the same file (JensenShannonDivergence). */
  @Test
  void jensenShannon_tfdvHistograms_sameFigures() {
    Histogram same =
        histogram(
            1,
            new Bucket(1, 2.3333333, 2.9866667),
            new Bucket(2.3333333, 3.6666667, 1.0066667),
            new Bucket(3.6666667, 5, 2.0066667));
    assertThat(jensenShannon(same, same)).isZero();
    assertThat(
            jensenShannon(
                histogram(0, new Bucket(1, 2, 2), new Bucket(2, 3, 2)),
                histogram(0, new Bucket(2, 4, 2), new Bucket(4, 6, 2))))
        .isCloseTo(0.65563906222, within(1e-10));
    assertThat(
            jensenShannon(
                histogram(0, new Bucket(0, 1, 2), new Bucket(1, 2, 2)),
                histogram(0, new Bucket(3, 4, 2), new Bucket(4, 6, 2))))
        .isCloseTo(1, within(1e-12));
    assertThat(
            jensenShannon(
                histogram(0, new Bucket(1, 1, 4)),
                histogram(0, new Bucket(2, 4, 2), new Bucket(4, 6, 2))))
        .isCloseTo(1, within(1e-12));
    assertThat(jensenShannon(histogram(1, new Bucket(1, 2, 3)), histogram(0, new Bucket(1, 2, 4))))
        .isCloseTo(0.13792538096, within(1e-10));
  }

  private static Histogram histogram(double nan, Bucket... buckets) {
    return new Histogram(List.of(buckets), nan);
  }

  private static double jensenShannon(Histogram a, Histogram b) {
    return Divergence.JENSEN_SHANNON.between(AlignedBins.ofHistograms(a, b));
  }

  /** The widest bucket is wider than the largest double. */
  @Test
  void ofHistograms_bucketOverAllDoubles_massKept() {
    Histogram all =
        new Histogram(List.of(new Histogram.Bucket(-Double.MAX_VALUE, Double.MAX_VALUE, 10)), 0);
    Histogram half = new Histogram(List.of(new Histogram.Bucket(0, Double.MAX_VALUE, 10)), 0);
    AlignedBins bins = AlignedBins.ofHistograms(all, half);
    assertThat(bins.reference()).containsExactly(0, 0, 0, 5, 5, 0);
    assertThat(Divergence.TOTAL_VARIATION.between(bins)).isEqualTo(0.5);
  }

  /** Figure of Evidently, tests/stattests/test_stattests.py at commit 05d85bb. */
  @Test
  void hellinger_evidentlyExample_sameFigure() {
    assertThat(
            Divergence.HELLINGER.between(
                new double[] {16, 18, 16, 14, 12, 12}, new double[] {16, 16, 16, 16, 16, 8}))
        .isCloseTo(0.06812, within(1e-5));
  }

  /** A class split of 50/50 that becomes 70/30, by hand. */
  @Test
  void allDistances_halfToSeventyPercent_handFigures() {
    double[] p = {50, 50};
    double[] q = {700, 300};
    assertThat(Divergence.L_INFINITY.between(p, q)).isCloseTo(0.2, within(1e-12));
    assertThat(Divergence.TOTAL_VARIATION.between(p, q)).isCloseTo(0.2, within(1e-12));
    assertThat(Divergence.JENSEN_SHANNON.between(p, q)).isCloseTo(0.0303, within(5e-5));
    assertThat(Divergence.HELLINGER.between(p, q)).isCloseTo(0.145, within(5e-4));
    assertThat(Divergence.POPULATION_STABILITY_INDEX.between(p, q))
        .isCloseTo(0.2 * Math.log(1.4) - 0.2 * Math.log(0.6), within(1e-12));
    assertThat(Divergence.KULLBACK_LEIBLER.between(p, q))
        .isCloseTo(0.7 * Math.log(1.4) + 0.3 * Math.log(0.6), within(1e-12));
  }

  @ParameterizedTest
  @EnumSource
  void between_sameDistribution_zeroWhateverTheScale(Divergence divergence) {
    assertThat(divergence.between(new double[] {1, 2, 3}, new double[] {10, 20, 30}))
        .isCloseTo(0, within(1e-7));
    assertThat(divergence.between(new double[] {0, 0}, new double[] {0, 0})).isZero();
    assertThat(divergence.between(new double[] {0, 0}, new double[] {1, 0})).isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void between_badInput_refused(Divergence divergence) {
    assertThatThrownBy(() -> divergence.between(new double[] {1}, new double[] {1, 2}))
        .hasMessageContaining("bins differ");
    assertThatThrownBy(() -> divergence.between(new double[] {-1, 2}, new double[] {1, 2}))
        .hasMessageContaining("-1.0");
  }
}
