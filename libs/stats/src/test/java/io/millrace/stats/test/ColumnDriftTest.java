// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.testkit.sketch.RepeatableSketches;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RepeatableSketches.class)
class ColumnDriftTest {
  private static final double LEVEL = 0.05;
  private static final DriftPolicy NO_EFFECT = DriftPolicy.DEFAULT.withMinimumEffect(0);

  private static ColumnProfile numbers(
      long seed, int size, ToDoubleFunction<RandomGenerator> draw) {
    RandomGenerator random = new SplittableRandom(seed);
    ColumnProfile column = new ColumnProfile();
    for (int i = 0; i < size; i++) {
      column.update(draw.applyAsDouble(random));
    }
    return column;
  }

  private static ColumnProfile words(long seed, int size, double... shares) {
    RandomGenerator random = new SplittableRandom(seed);
    ColumnProfile column = new ColumnProfile();
    for (int i = 0; i < size; i++) {
      double left = random.nextDouble();
      int pick = 0;
      while (pick < shares.length - 1 && left >= shares[pick]) {
        left -= shares[pick++];
      }
      column.update("w" + pick);
    }
    return column;
  }

  /**
   * False alarms on unchanged columns: at most the level (plus three standard errors of the 4,000
   * runs), with the effect requirement switched off, so that only the tests themselves speak.
   */
  @ParameterizedTest
  @CsvSource({
    "normal, 50, 50",
    "normal, 1000, 300",
    "normal, 5000, 5000",
    "words, 200, 400",
    "rare, 300, 300",
    "few, 400, 900",
    "missing, 500, 500",
    "towns, 2000, 300",
    "towns, 2000, 60"
  })
  void compare_unchangedColumns_falseAlarmsWithinTheLevel(String kind, int n, int m) {
    int runs = 4000;
    int alarms = 0;
    for (int run = 0; run < runs; run++) {
      ColumnProfile reference = unchanged(kind, 2L * run, n);
      ColumnProfile current = unchanged(kind, 2L * run + 1, m);
      alarms += ColumnDrift.compare(reference, current, LEVEL, NO_EFFECT).drifted() ? 1 : 0;
    }
    double limit = LEVEL + 3 * Math.sqrt(LEVEL * (1 - LEVEL) / runs);
    System.out.printf("false alarms %s n=%d m=%d: %.3f%n", kind, n, m, alarms / (double) runs);
    assertThat(alarms / (double) runs).isLessThanOrEqualTo(limit);
  }

  private static ColumnProfile unchanged(String kind, long seed, int size) {
    return switch (kind) {
      case "normal" -> numbers(seed, size, RandomGenerator::nextGaussian);
      case "words" -> words(seed, size, 0.5, 0.3, 0.15, 0.05);
      case "rare" -> words(seed, size, 0.98, 0.01, 0.005, 0.005);
      case "few" -> numbers(seed, size, random -> random.nextInt(4));
      case "towns" -> {
        // More of them than are counted exactly, and some far more frequent than others.
        RandomGenerator random = new SplittableRandom(seed);
        ColumnProfile column = new ColumnProfile();
        for (int i = 0; i < size; i++) {
          column.update("town-" + (int) (400 * Math.pow(random.nextDouble(), 3)));
        }
        yield column;
      }
      case "missing" -> {
        RandomGenerator random = new SplittableRandom(seed);
        ColumnProfile column = new ColumnProfile();
        for (int i = 0; i < size; i++) {
          if (random.nextDouble() < 0.2) {
            column.updateMissing();
          } else {
            column.update(random.nextGaussian());
          }
        }
        yield column;
      }
      default -> throw new AssertionError(kind);
    };
  }

  /** A change too small to matter stays quiet however many rows prove it. */
  @Test
  void compare_tinyChangeInAMillionRows_stable() {
    ColumnProfile reference = numbers(1, 1_000_000, RandomGenerator::nextGaussian);
    ColumnProfile current = numbers(2, 1_000_000, random -> random.nextGaussian() + 0.03);
    DriftVerdict verdict = ColumnDrift.compare(reference, current, LEVEL);
    assertThat(verdict).isInstanceOf(DriftVerdict.Stable.class);
    ColumnProfile before = words(3, 1_000_000, 0.5, 0.5);
    ColumnProfile after = words(4, 1_000_000, 0.505, 0.495);
    assertThat(ColumnDrift.compare(before, after, LEVEL))
        .isInstanceOfSatisfying(
            DriftVerdict.Stable.class, s -> assertThat(s.pValue()).isLessThan(0.01));
  }

  /** Detection rate over 200 seeded runs. */
  @ParameterizedTest
  @CsvSource({"0.5, 200, 0.95", "0.5, 1000, 1", "0.3, 1000, 0.75", "0.0, 1000, 0"})
  void compare_shiftedColumns_foundWithPower(double shift, int size, double least) {
    int runs = 200;
    int found = 0;
    for (int run = 0; run < runs; run++) {
      ColumnProfile reference = numbers(run, size, RandomGenerator::nextGaussian);
      ColumnProfile current = numbers(run + 10_000L, size, random -> random.nextGaussian() + shift);
      found += ColumnDrift.compare(reference, current, LEVEL).drifted() ? 1 : 0;
    }
    System.out.printf("power shift=%.1f n=%d: %.3f%n", shift, size, found / (double) runs);
    assertThat(found / (double) runs).isGreaterThanOrEqualTo(least);
    if (shift == 0) {
      assertThat(found / (double) runs)
          .isLessThanOrEqualTo(LEVEL + 3 * Math.sqrt(LEVEL * (1 - LEVEL) / runs));
    }
  }

  /** Equal mean and variance, other shape: N(0, 1) against a uniform; a gap of about 0.057. */
  @Test
  void compare_sameMomentsOtherShape_significant() {
    ColumnProfile reference = numbers(1, 5000, RandomGenerator::nextGaussian);
    double half = Math.sqrt(3);
    ColumnProfile current = numbers(2, 5000, random -> random.nextDouble(-half, half));
    assertThat(ColumnDrift.compare(reference, current, LEVEL, NO_EFFECT))
        .isInstanceOfSatisfying(
            DriftVerdict.Drifted.class,
            d -> {
              assertThat(d.statistic()).isBetween(0.045, 0.075);
              assertThat(d.effect()).isBetween(0.05, 0.12);
            });
  }

  @Test
  void compare_eachKindOfChange_namesTheTest() {
    ColumnProfile numbers = numbers(1, 500, RandomGenerator::nextGaussian);
    ColumnProfile text = words(1, 500, 0.5, 0.5);
    assertThat(ColumnDrift.compare(numbers, text, LEVEL))
        .isInstanceOfSatisfying(
            DriftVerdict.Drifted.class,
            d -> assertThat(d.test()).isEqualTo(ColumnDrift.COMPOSITION));
    ColumnProfile half = numbers.copy();
    half.updateMissing(500);
    assertThat(ColumnDrift.compare(numbers, half, LEVEL))
        .isInstanceOfSatisfying(
            DriftVerdict.Drifted.class,
            d -> assertThat(d.test()).isEqualTo(ColumnDrift.COMPOSITION));
    assertThat(ColumnDrift.compare(text, words(2, 500, 0.8, 0.2), LEVEL))
        .isInstanceOfSatisfying(
            DriftVerdict.Drifted.class,
            d -> {
              assertThat(d.test()).isEqualTo(ColumnDrift.CHI_SQUARED);
              assertThat(d.statistic()).isGreaterThan(d.threshold());
              assertThat(d.effect()).isGreaterThanOrEqualTo(d.minimumEffect());
              assertThat(d.pValue()).isLessThan(LEVEL);
            });
    assertThat(ColumnDrift.compare(numbers, numbers(3, 500, r -> r.nextGaussian() * 3), LEVEL))
        .isInstanceOfSatisfying(
            DriftVerdict.Drifted.class,
            d -> {
              assertThat(d.test()).isEqualTo(ColumnDrift.KOLMOGOROV_SMIRNOV);
              assertThat(d.statistic()).isGreaterThan(d.threshold());
            });
  }

  @Test
  void compare_notEnoughToTell_inconclusiveWithTheFigures() {
    ColumnProfile few = numbers(1, 12, RandomGenerator::nextGaussian);
    ColumnProfile many = numbers(2, 500, RandomGenerator::nextGaussian);
    assertThat(ColumnDrift.compare(many, few, LEVEL))
        .isInstanceOfSatisfying(
            DriftVerdict.Inconclusive.class, i -> assertThat(i.reason()).contains("500", "12"));
    assertThat(ColumnDrift.compare(new ColumnProfile(), new ColumnProfile(), LEVEL))
        .isInstanceOf(DriftVerdict.Inconclusive.class);
    ColumnProfile ids = new ColumnProfile();
    ColumnProfile otherIds = new ColumnProfile();
    for (int i = 0; i < 50_000; i++) {
      ids.update("id-" + i);
      otherIds.update("id-" + (i + 1_000_000));
    }
    assertThat(ColumnDrift.compare(ids, otherIds, LEVEL))
        .isInstanceOfSatisfying(
            DriftVerdict.Inconclusive.class, i -> assertThat(i.reason()).contains("identifier"));
    // Each of few rows is a large share of them.
    ColumnProfile fewIds = new ColumnProfile();
    for (int i = 0; i < 60; i++) {
      fewIds.update("id-" + (i + 2_000_000));
    }
    assertThat(ColumnDrift.compare(ids, fewIds, LEVEL))
        .isInstanceOfSatisfying(
            DriftVerdict.Inconclusive.class, i -> assertThat(i.reason()).contains("identifier"));
  }

  @Test
  void compare_oneNameTakesATenthOfAWindowOfIdentifiers_drifted() {
    ColumnProfile ids = new ColumnProfile();
    ColumnProfile flooded = new ColumnProfile();
    for (int i = 0; i < 50_000; i++) {
      ids.update("id-" + i);
    }
    for (int i = 0; i < 500; i++) {
      flooded.update(i % 5 == 0 ? "robot" : "id-" + (i + 1_000_000));
    }
    assertThat(ColumnDrift.compare(ids, flooded, LEVEL)).isInstanceOf(DriftVerdict.Drifted.class);
  }

  @Test
  void compare_allMissingOnBothSides_stable() {
    ColumnProfile a = new ColumnProfile();
    a.updateMissing(100);
    ColumnProfile b = new ColumnProfile();
    b.updateMissing(900);
    assertThat(ColumnDrift.compare(a, b, LEVEL)).isInstanceOf(DriftVerdict.Stable.class);
  }

  @Test
  void catalogue_everyTest_stableOnTwinsAndDriftedOnStrangers() {
    for (DriftTest test : DriftTests.catalogue()) {
      ColumnProfile a = numbers(1, 2000, RandomGenerator::nextGaussian);
      ColumnProfile b = numbers(2, 2000, RandomGenerator::nextGaussian);
      ColumnProfile c = numbers(3, 2000, random -> random.nextGaussian() + 2);
      assertThat(test.appliesTo(a, b)).isTrue();
      assertThat(test.compare(a, a.copy(), 0.01))
          .as(test.name())
          .isInstanceOf(DriftVerdict.Stable.class);
      assertThat(test.compare(a, b, 0.01)).as(test.name()).matches(v -> !v.drifted());
      assertThat(test.compare(a, c, 0.01)).as(test.name()).matches(DriftVerdict::drifted);
      ColumnProfile few = numbers(4, 5, RandomGenerator::nextGaussian);
      assertThat(test.compare(a, few, 0.01))
          .as(test.name())
          .isInstanceOf(DriftVerdict.Inconclusive.class);
      assertThat(DriftTests.named(test.name())).contains(test);
    }
  }

  /**
   * 100 columns of which none or three changed: the changed ones are found, and the mean share of
   * false ones among those called drifted is at most the level (Benjamini and Hochberg's promise),
   * plus three standard errors of the 200 runs.
   */
  @ParameterizedTest
  @CsvSource({"0", "3"})
  void datasetDrift_manyColumns_falseDiscoveriesWithinTheLevel(int changed) {
    int runs = 200;
    List<Integer> shifted = List.of(7, 42, 99).subList(0, changed);
    List<String> names = shifted.stream().map(c -> "c" + c).toList();
    double falseShare = 0;
    for (int run = 0; run < runs; run++) {
      DatasetDrift.Report report =
          DatasetDrift.compare(
              dataset(2L * run, List.of()),
              dataset(2L * run + 1, shifted),
              LEVEL,
              DriftPolicy.DEFAULT);
      assertThat(report.drifted()).containsAll(names);
      assertThat(report.verdicts()).hasSize(100);
      long judged =
          report.verdicts().values().stream()
              .filter(verdict -> !(verdict instanceof DriftVerdict.Inconclusive))
              .count();
      assertThat(report.driftedShare()).isEqualTo(report.drifted().size() / (double) judged);
      falseShare +=
          (report.drifted().size() - changed) / (double) Math.max(1, report.drifted().size());
    }
    System.out.printf("false discoveries, %d changed: %.3f%n", changed, falseShare / runs);
    assertThat(falseShare / runs)
        .isLessThanOrEqualTo(LEVEL + 3 * Math.sqrt(LEVEL * (1 - LEVEL) / runs));
  }

  private static DatasetProfile dataset(long seed, List<Integer> shifted) {
    RandomGenerator random = new SplittableRandom(seed);
    DatasetProfile data = new DatasetProfile();
    for (int row = 0; row < 400; row++) {
      for (int c = 0; c < 100; c++) {
        data.column("c" + c).update(random.nextGaussian() + (shifted.contains(c) ? 0.7 : 0));
      }
      data.countRow();
    }
    return data;
  }
}
