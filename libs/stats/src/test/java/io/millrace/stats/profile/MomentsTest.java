// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MomentsTest {

  /**
   * NIST Statistical Reference Datasets, univariate, data from the tests jar of commons-math3. The
   * last two columns are digits that must agree with the certified mean and standard deviation. The
   * NumAcc sets cannot reach 14: their decimals have no exact double, and 10000000.2 ± 0.1 loses
   * eight digits of the deviation before the first addition; nor can Mavro (2.0019 ± 0.0004) and
   * Michelso (299.85 ± 0.08), which lose three.
   */
  @ParameterizedTest
  @CsvSource({
    "Lew, 200, -177.435, 277.332168044316, 14, 14",
    "Lottery, 218, 518.958715596330, 291.699727470969, 14, 14",
    "PiDigits, 5000, 4.5348, 2.86733906028871, 14, 14",
    "Mavro, 50, 2.001856, 0.000429123454003053, 14, 12",
    "Michelso, 100, 299.8524, 0.0790105478190518, 14, 12",
    "NumAcc1, 3, 10000002, 1, 14, 14",
    "NumAcc2, 1001, 1.2, 0.1, 14, 14",
    "NumAcc3, 1001, 1000000.2, 0.1, 14, 9",
    "NumAcc4, 1001, 10000000.2, 0.1, 14, 8",
  })
  void moments_nistSets_certifiedDigits(
      String set, int count, double mean, double deviation, int meanDigits, int deviationDigits) {
    double[] values = nist(set);
    assertThat(values).hasSize(count);
    ColumnProfile column = new ColumnProfile();
    Moments moments = new Moments();
    for (double value : values) {
      column.update(value);
      moments.add(value);
    }
    for (Moments found : List.of(moments, column.moments())) {
      assertThat(digits(found.mean(), mean)).isGreaterThanOrEqualTo(meanDigits);
      assertThat(digits(found.standardDeviation(), deviation))
          .isGreaterThanOrEqualTo(deviationDigits);
    }
  }

  /** Digits that agree: −log₁₀ of the relative error, as NIST defines it. */
  private static double digits(double found, double certified) {
    double error = Math.abs(found - certified) / Math.abs(certified);
    return error == 0 ? 15 : -Math.log10(error);
  }

  private static double[] nist(String set) {
    String path = "/org/apache/commons/math3/stat/data/" + set + ".txt";
    return lines(path)
        .map(String::strip)
        .filter(line -> line.matches("[-+]?[0-9]+(\\.[0-9]*)?"))
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  private static Stream<String> lines(String path) {
    try (InputStream in = MomentsTest.class.getResourceAsStream(path)) {
      return new String(Objects.requireNonNull(in, path).readAllBytes(), StandardCharsets.UTF_8)
          .lines();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  record Sample(
      String name,
      double mean,
      double variance,
      double skewness,
      double kurtosis,
      double[] values) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Sample> samples() {
    return lines("moments.csv")
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split(";"))
        .map(
            part ->
                new Sample(
                    part[0],
                    Double.parseDouble(part[1]),
                    Double.parseDouble(part[2]),
                    Double.parseDouble(part[3]),
                    Double.parseDouble(part[4]),
                    Arrays.stream(part[5].split(" ")).mapToDouble(Double::parseDouble).toArray()));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void moments_sameSample_agreeWithScipy(Sample sample) {
    ColumnProfile column = new ColumnProfile();
    Arrays.stream(sample.values()).forEach(column::update);
    Moments moments = column.moments();
    assertThat(moments.mean()).isCloseTo(sample.mean(), within(1e-9));
    assertThat(moments.variance()).isCloseTo(sample.variance(), within(1e-9));
    assertThat(moments.skewness()).isCloseTo(sample.skewness(), within(1e-9));
    assertThat(moments.kurtosis()).isCloseTo(sample.kurtosis(), within(1e-9));
  }

  /** Between the largest and the smallest doubles figures are right or NaN, never wrong. */
  @Test
  void moments_endsOfTheRange_rightOrNaN() {
    Moments far = new Moments();
    far.add(Double.MAX_VALUE);
    far.add(-Double.MAX_VALUE);
    far.add(-Double.MAX_VALUE, 2);
    far.add(3);
    assertThat(far.mean()).isCloseTo(-0.4 * Double.MAX_VALUE, within(1e-12 * Double.MAX_VALUE));
    assertThat(far.variance()).isNaN();
    assertThat(far.count()).isEqualTo(5);
    Moments positive = new Moments();
    positive.add(Double.MAX_VALUE);
    positive.merge(far);
    assertThat(positive.mean()).isCloseTo(-Double.MAX_VALUE / 6, within(1e-12 * Double.MAX_VALUE));

    double[] shape = {1, 2, 4, 8, 16};
    Moments expected = new Moments();
    Arrays.stream(shape).forEach(expected::add);
    int known = 0;
    for (int exponent = -320; exponent <= 305; exponent++) {
      Moments scaled = new Moments();
      double unit = Math.pow(10, exponent);
      Arrays.stream(shape).forEach(value -> scaled.add(value * unit));
      // A unit of -320 has three digits itself.
      if (exponent > -305) {
        assertThat(scaled.mean() / unit).isCloseTo(6.2, within(1e-9));
      }
      for (double[] pair :
          new double[][] {
            {scaled.skewness(), expected.skewness()}, {scaled.kurtosis(), expected.kurtosis()}
          }) {
        if (!Double.isNaN(pair[0])) {
          known++;
          assertThat(pair[0]).as("10^%d", exponent).isCloseTo(pair[1], within(1e-9));
        }
      }
    }
    assertThat(known).isGreaterThan(300);
  }

  @Test
  void moments_fewOrEqualValues_undefinedOnesAreNaN() {
    Moments moments = new Moments();
    assertThat(moments.mean()).isNaN();
    moments.add(3);
    assertThat(moments.mean()).isEqualTo(3);
    assertThat(moments.variance()).isNaN();
    moments.add(3);
    assertThat(moments.variance()).isZero();
    assertThat(moments.skewness()).isNaN();
  }
}
