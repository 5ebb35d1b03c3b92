// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.stats.distance.CdfDistance;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.testkit.sketch.RepeatableSketches;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples at the ends of what a double and a rank can say. */
@ExtendWith(RepeatableSketches.class)
class HostileSamplesTest {

  private static Map<String, double[]> samples() {
    SplittableRandom random = new SplittableRandom(1);
    Map<String, double[]> samples = new LinkedHashMap<>();
    samples.put("one", new double[] {1});
    samples.put("three", new double[] {1, 2, 3});
    samples.put("ties only", new double[300]);
    samples.put("both zeros", random.doubles(300).map(x -> x < 0.5 ? 0.0 : -0.0).toArray());
    samples.put("two values", random.doubles(300).map(x -> x < 0.5 ? 1 : 2).toArray());
    samples.put("uniform", random.doubles(300).toArray());
    samples.put("subnormal", random.doubles(300).map(x -> x * 1e-318).toArray());
    samples.put("largest", random.doubles(300, -1, 1).map(x -> x * Double.MAX_VALUE).toArray());
    samples.put("ends", random.doubles(300).map(x -> x < 0.5 ? -1e308 : 1e308).toArray());
    return samples;
  }

  @ParameterizedTest
  @EnumSource(SampleTest.class)
  void compare_anyPair_probabilityAndNoneForTwins(SampleTest test) {
    samples()
        .forEach(
            (name, reference) ->
                samples()
                    .forEach(
                        (other, current) -> {
                          if (test == SampleTest.ANDERSON_DARLING
                              && reference.length + current.length < 4) {
                            return; // refused, as documented
                          }
                          TestOutcome outcome = test.compare(reference, current);
                          String what = "%s: %s, %s".formatted(test, name, other);
                          assertThat(outcome.pValue()).as(what).isBetween(0.0, 1.0);
                          assertThat(outcome.statistic()).as(what).isFinite();
                          if (reference.length > 3 && name.equals(other)) {
                            assertThat(outcome.pValue()).as(what).isGreaterThan(0.2);
                          }
                        }));
  }

  /** Order is all that rank tests see: the same p-value in any unit, down to subnormal numbers. */
  @ParameterizedTest
  @EnumSource(SampleTest.class)
  void compare_hugeAndTinyUnits_sameProbability(SampleTest test) {
    SplittableRandom random = new SplittableRandom(2);
    double[] reference = random.ints(60, 0, 1000).asDoubleStream().toArray();
    double[] current = random.ints(60, 200, 1000).asDoubleStream().toArray();
    double expected = test.compare(reference, current).pValue();
    assertThat(test.compare(reference, current).significant()).isTrue();
    assertThat(test.compare(reference, reference).significant()).isFalse();
    for (double unit : new double[] {Double.MIN_VALUE, 1e-300, 1e300}) {
      assertThat(
              test.compare(
                      Arrays.stream(reference).map(x -> x * unit).toArray(),
                      Arrays.stream(current).map(x -> x * unit).toArray())
                  .pValue())
          .isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource(CdfDistance.class)
  void distance_anyPair_neverNaNAndNoneBetweenTwins(CdfDistance distance) {
    samples()
        .forEach(
            (name, reference) ->
                samples()
                    .forEach(
                        (other, current) -> {
                          double found =
                              distance.between(
                                  EmpiricalCdf.of(reference), EmpiricalCdf.of(current));
                          assertThat(found).as("%s, %s", name, other).isGreaterThanOrEqualTo(0);
                          if (name.equals(other)) {
                            assertThat(found).isZero();
                          }
                        }));
  }

  /** A change is seen in any unit, and nothing is seen where there is none. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-310, 1e-200, 1, 1e200, 1e300})
  void meanDiscrepancy_hugeAndTinyUnits_sameAnswer(double unit) {
    assertThat(discrepancy(unit, 0)).isGreaterThan(0.05);
    assertThat(discrepancy(unit, 2)).isLessThan(0.05);
    assertThat(discrepancy(unit, 1e7)).isLessThan(0.05);
  }

  private static double discrepancy(double unit, double shift) {
    SplittableRandom random = new SplittableRandom(3);
    double[][] reference = new double[60][1];
    double[][] current = new double[60][1];
    for (int i = 0; i < 60; i++) {
      reference[i][0] = random.nextGaussian() * unit;
      current[i][0] = (random.nextGaussian() + shift) * unit;
    }
    return MaximumMeanDiscrepancy.test(reference, current, 199, 1).pValue();
  }

  /** A value that is called like the bin of the rest is no bin of the rest. */
  @Test
  void columnDrift_valueCalledLikeTheRest_comparedAsAnyOther() {
    SplittableRandom random = new SplittableRandom(4);
    assertThat(ColumnDrift.compare(called(random, 0.95), called(random, 0.95), 0.01))
        .isInstanceOf(DriftVerdict.Stable.class);
    assertThat(ColumnDrift.compare(called(random, 0.99), called(random, 0.91), 0.01))
        .isInstanceOf(DriftVerdict.Drifted.class);
    ColumnProfile many = called(random, 0.5);
    ColumnProfile others = called(random, 0.5);
    for (int i = 0; i < 5_000; i++) {
      many.update("v" + i);
      others.update("w" + i);
    }
    double total = Arrays.stream(Categories.of(many, others).reference()).sum();
    assertThat(total).isEqualTo(7_000);
  }

  private static ColumnProfile called(SplittableRandom random, double share) {
    ColumnProfile column = new ColumnProfile();
    for (int i = 0; i < 2_000; i++) {
      column.update(random.nextDouble() < share ? Categories.REST : "other");
    }
    return column;
  }
}
