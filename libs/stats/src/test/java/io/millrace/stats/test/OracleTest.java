// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.distance.CdfDistance;
import io.millrace.stats.profile.EmpiricalCdf;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Agreement with SciPy, and for the correction of many tests with statsmodels, both Debian 12's;
 * the files name the versions and are made by generate_oracles.py.
 */
class OracleTest {
  record Case(String name, String test, double statistic, double pValue, double[] x, double[] y) {
    @Override
    public String toString() {
      return name + " " + test;
    }
  }

  private static Stream<Case> read(String file) {
    return lines(file)
        .map(line -> line.split(";"))
        .map(
            part ->
                new Case(
                    part[0],
                    part[1],
                    Double.parseDouble(part[2]),
                    Double.parseDouble(part[3]),
                    numbers(part[4]),
                    numbers(part[5])));
  }

  private static Stream<String> lines(String file) {
    try (InputStream in = OracleTest.class.getResourceAsStream(file)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  static Stream<Case> samples() {
    return read("two-sample.csv");
  }

  static Stream<Case> tables() {
    return read("tables.csv");
  }

  @ParameterizedTest
  @MethodSource("samples")
  void sampleTests_sameSamples_agreeWithScipy(Case c) {
    switch (c.test()) {
      case "wasserstein" ->
          assertThat(
                  CdfDistance.WASSERSTEIN.between(EmpiricalCdf.of(c.x()), EmpiricalCdf.of(c.y())))
              .isCloseTo(c.statistic(), within(1e-9));
      case "energy" ->
          assertThat(CdfDistance.ENERGY.between(EmpiricalCdf.of(c.x()), EmpiricalCdf.of(c.y())))
              .isCloseTo(c.statistic(), within(1e-9));
      default -> {
        SampleTest test = SampleTest.valueOf(c.test().toUpperCase(java.util.Locale.ROOT));
        TestOutcome outcome = test.compare(c.x(), c.y());
        assertThat(outcome.statistic()).isCloseTo(c.statistic(), within(1e-9));
        assertThat(outcome.pValue()).isCloseTo(c.pValue(), within(1e-9));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("tables")
  void tableTests_sameCounts_agreeWithScipy(Case c) {
    double[] x = c.x();
    double[] y = c.y();
    TestOutcome outcome =
        switch (c.test()) {
          case "chi_squared" -> ChiSquared.twoSample(x, y);
          case "goodness" -> ChiSquared.goodnessOfFit(x, y);
          case "g" -> LikelihoodRatio.twoSample(x, y);
          case "g_goodness" -> LikelihoodRatio.goodnessOfFit(x, y);
          case "fisher" -> Proportions.fisherExact((int) x[0], (int) x[1], (int) y[0], (int) y[1]);
          case "z" -> Proportions.zTest((long) x[0], (long) x[1], (long) y[0], (long) y[1]);
          default -> throw new AssertionError(c.test());
        };
    if (!c.test().equals("fisher")) {
      assertThat(outcome.statistic()).isCloseTo(c.statistic(), within(1e-10));
    }
    assertThat(outcome.pValue()).isCloseTo(c.pValue(), within(1e-10));
  }

  @Test
  void benjaminiHochberg_samePValues_agreesWithStatsmodels() {
    List<String> lines = lines("discoveries.csv").toList();
    assertThat(lines).hasSize(3);
    for (String line : lines) {
      String[] part = line.split(";");
      assertThat(BenjaminiHochberg.adjust(numbers(part[1])))
          .as(part[0])
          .containsExactly(numbers(part[2]), within(1e-12));
    }
  }
}
