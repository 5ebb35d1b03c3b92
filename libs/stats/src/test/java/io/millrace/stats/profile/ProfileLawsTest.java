// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.Seeds;
import io.millrace.testkit.sketch.RepeatableSketches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The laws of merging, over generated columns of every type and split. */
@ExtendWith(RepeatableSketches.class)
class ProfileLawsTest {

  private static List<@Nullable Object> column(long seed, int size) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int flavour = random.nextInt(6);
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int pick = flavour == 5 ? random.nextInt(5) : flavour;
      values.add(
          switch (random.nextInt(10) == 0 ? 9 : pick) {
            case 0 -> random.nextGaussian() * 100 + 1000;
            case 1 -> random.nextInt(30);
            case 2 -> "item-" + random.nextInt(500);
            case 3 -> random.nextBoolean();
            case 4 -> special(random);
            default -> null;
          });
    }
    return values;
  }

  private static Object special(RandomGenerator random) {
    return switch (random.nextInt(6)) {
      case 0 -> Double.NaN;
      case 1 -> Double.POSITIVE_INFINITY;
      case 2 -> Double.NEGATIVE_INFINITY;
      case 3 -> "x".repeat(random.nextInt(200));
      case 4 -> List.of(1.5, "a", 2);
      default -> new byte[3];
    };
  }

  private static ColumnProfile profile(List<@Nullable Object> values) {
    ColumnProfile profile = new ColumnProfile();
    values.forEach(profile::update);
    return profile;
  }

  private static ColumnProfile merged(ColumnProfile a, ColumnProfile b) {
    ColumnProfile sum = a.copy();
    sum.merge(b);
    return sum;
  }

  /** Counts exactly; moments to rounding; sketches within their own bounds. */
  private static void assertSame(
      ColumnProfile found, ColumnProfile expected, List<@Nullable Object> values) {
    ProfileSummary a = found.summary();
    ProfileSummary b = expected.summary();
    assertThat(found.composition()).isEqualTo(expected.composition());
    assertThat(a.rows()).isEqualTo(b.rows());
    assertThat(a.values()).isEqualTo(b.values());
    assertThat(a.integral()).isEqualTo(b.integral());
    assertThat(a.zeros()).isEqualTo(b.zeros());
    assertThat(a.trues()).isEqualTo(b.trues());
    assertThat(a.min()).isEqualTo(b.min());
    assertThat(a.max()).isEqualTo(b.max());
    assertThat(a.minLength()).isEqualTo(b.minLength());
    assertThat(a.maxLength()).isEqualTo(b.maxLength());
    assertThat(a.minValency()).isEqualTo(b.minValency());
    assertThat(a.maxValency()).isEqualTo(b.maxValency());
    close(a.mean(), b.mean());
    close(a.variance(), b.variance());
    close(a.skewness(), b.skewness());
    close(a.kurtosis(), b.kurtosis());
    double[] numbers = exactNumbers(values);
    if (numbers.length > 0) {
      EmpiricalCdf exact = EmpiricalCdf.of(numbers);
      EmpiricalCdf cdf = found.cdf();
      for (double rank : new double[] {0.05, 0.25, 0.5, 0.75, 0.95}) {
        double value = exact.quantile(rank);
        // Three bounds: the sketch promises each rank at 99 %, and there are many tries here.
        assertThat(cdf.cdf(value)).isCloseTo(exact.cdf(value), within(3 * cdf.rankError() + 1e-12));
      }
    }
    assertThat(a.distinct()).isBetween(b.distinct() * 0.93 - 1e-6, b.distinct() * 1.07 + 1e-6);
  }

  private static double[] exactNumbers(List<@Nullable Object> values) {
    return values.stream()
        .flatMap(
            value -> value instanceof List<?> list ? list.stream() : Arrays.asList(value).stream())
        .filter(Number.class::isInstance)
        .mapToDouble(value -> ((Number) value).doubleValue())
        .filter(Double::isFinite)
        .toArray();
  }

  private static void close(@Nullable Double a, @Nullable Double b) {
    if (a == null || b == null) {
      assertThat(a).isEqualTo(b);
    } else {
      assertThat(a).isCloseTo(b, within(1e-9 * Math.max(1, Math.abs(b))));
    }
  }

  @Test
  void merge_anySplit_equalsTheWhole() {
    Seeds.each(
        60,
        (seed, random) -> {
          List<@Nullable Object> all = column(seed, Seeds.size(seed, random, 0, 3000));
          int at = random.nextInt(all.size() + 1);
          ColumnProfile left = profile(all.subList(0, at));
          ColumnProfile right = profile(all.subList(at, all.size()));
          ColumnProfile whole = profile(all);
          assertSame(merged(left, right), whole, all);
          assertSame(merged(right, left), whole, all);
        });
  }

  @Test
  void merge_threeParts_isAssociative() {
    Seeds.each(
        30,
        (seed, random) -> {
          int size = Seeds.size(seed, random, 0, 900);
          List<@Nullable Object> all = column(seed, 3 * size);
          ColumnProfile a = profile(all.subList(0, size));
          ColumnProfile b = profile(all.subList(size, 2 * size));
          ColumnProfile c = profile(all.subList(2 * size, 3 * size));
          assertSame(merged(merged(a, b), c), merged(a, merged(b, c)), all);
        });
  }

  @Test
  void merge_withEmpty_changesNothing() {
    Seeds.each(
        30,
        (seed, random) -> {
          List<@Nullable Object> all = column(seed, Seeds.size(seed, random, 0, 500));
          ColumnProfile whole = profile(all);
          assertSame(merged(whole, new ColumnProfile()), whole, all);
          assertSame(merged(new ColumnProfile(), whole), whole, all);
        });
  }

  @Test
  void bytes_roundTrip_sameSummaryAndStillMergeable() {
    Seeds.each(
        30,
        (seed, random) -> {
          List<@Nullable Object> all = column(seed, Seeds.size(seed, random, 0, 3000));
          ColumnProfile whole = profile(all);
          ColumnProfile restored = ColumnProfile.fromBytes(whole.toBytes());
          assertThat(restored.summary()).isEqualTo(whole.summary());
          restored.merge(whole);
          assertThat(restored.rows()).isEqualTo(2L * all.size());
        });
  }

  @Test
  void exactColumn_fewValues_everyFigureExact() {
    Seeds.each(
        40,
        (seed, random) -> {
          List<@Nullable Object> all = column(seed, Seeds.size(seed, random, 1, 150));
          ColumnProfile whole = profile(all);
          assertThat(whole.rankError()).isZero();
          double[] numbers = exactNumbers(all);
          EmpiricalCdf exact = EmpiricalCdf.of(numbers);
          for (int percent = 0; percent <= 100 && numbers.length > 0; percent += 5) {
            assertThat(whole.quantile(percent / 100.0)).isEqualTo(exact.quantile(percent / 100.0));
          }
          assertThat(whole.heavyHitterError()).isZero();
        });
  }
}
