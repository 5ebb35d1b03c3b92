// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.stats.profile.ColumnProfile;
import io.millrace.testkit.sketch.RepeatableSketches;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The band of a gap between two sketches beside the gap of the values themselves. */
@ExtendWith(RepeatableSketches.class)
class KolmogorovSmirnovBandTest {
  private static final int RUNS = 500;
  private static final double LEVEL = 0.05;

  @ParameterizedTest
  @CsvSource({"1000, 1000", "5000, 1000", "20000, 20000"})
  void testWithin_sketches_bandHoldsTheGapOfTheValues(int n, int m) {
    int outside = 0;
    int outsideQuarter = 0;
    for (int run = 0; run < RUNS; run++) {
      SplittableRandom random = new SplittableRandom(run);
      double[] reference = random.doubles(n).toArray();
      double[] current = random.doubles(m).map(value -> value * value).toArray();
      double truth = KolmogorovSmirnov.test(reference, current).statistic();
      KolmogorovSmirnov.Banded found =
          KolmogorovSmirnov.testWithin(profile(reference).cdf(), profile(current).cdf());
      double error = Math.abs(found.statistic() - truth);
      outside += error > found.band() ? 1 : 0;
      outsideQuarter += error > found.band() / 4 ? 1 : 0;
      assertThat(found.pValue()).isGreaterThanOrEqualTo(found.pValueIfExact());
    }
    System.out.printf(
        "gap outside its band n=%d m=%d: %d of %d, outside a quarter of it %d%n",
        n, m, outside, RUNS, outsideQuarter);
    assertThat(outside).isLessThanOrEqualTo(RUNS / 100 + 6);
    if (n > 1_000) { // the band is no wider than it has to be, once much has been compacted
      assertThat(outsideQuarter).isGreaterThan(RUNS / 10);
    }
  }

  /**
   * The level holds whether the samples are small beside the sketches' errors or so large that the
   * errors are all there is. Without the errors counted in it does not: the test can fail.
   */
  @ParameterizedTest
  @CsvSource({
    "1000, 1000, 0.05",
    "4000, 4000, 0.05",
    "4000, 4000, 0.01",
    "30000, 30000, 0.05",
    "30000, 30000, 0.002"
  })
  void testWithin_unchangedColumns_falseAlarmsWithinTheLevel(int n, int m, double level) {
    int runs = 1000;
    int alarms = 0;
    int naive = 0;
    for (int run = 0; run < runs; run++) {
      SplittableRandom random = new SplittableRandom(50_000L + run);
      KolmogorovSmirnov.Banded found =
          KolmogorovSmirnov.testWithin(
              profile(random.doubles(n).toArray()).cdf(),
              profile(random.doubles(m).toArray()).cdf());
      alarms += found.pValue() < level ? 1 : 0;
      naive += found.pValueIfExact() < level ? 1 : 0;
      assertThat(found.pValue() < level)
          .isEqualTo(found.statistic() > found.criticalValue(level) - 1e-9);
    }
    System.out.printf(
        "false alarms of sketches n=%d m=%d level %s: %.3f, %.3f if taken for exact%n",
        n, m, level, alarms / (double) runs, naive / (double) runs);
    double error = 3 * Math.sqrt(level * (1 - level) / runs);
    assertThat(alarms / (double) runs).isLessThanOrEqualTo(level + error);
    if (n > 10_000) {
      assertThat(naive / (double) runs).isGreaterThan(2 * level);
    }
  }

  /** Profiles of sixteen parts, merged, keep the level: their sketches' errors add up inside. */
  @Test
  void testWithin_mergedProfiles_falseAlarmsWithinTheLevel() {
    int runs = 400;
    int alarms = 0;
    for (int run = 0; run < runs; run++) {
      SplittableRandom random = new SplittableRandom(90_000L + run);
      alarms +=
          KolmogorovSmirnov.testWithin(merged(random).cdf(), merged(random).cdf()).pValue() < LEVEL
              ? 1
              : 0;
    }
    System.out.printf("false alarms of merged sketches: %.3f%n", alarms / (double) runs);
    assertThat(alarms / (double) runs)
        .isLessThanOrEqualTo(LEVEL + 3 * Math.sqrt(LEVEL * (1 - LEVEL) / runs));
  }

  private static ColumnProfile merged(SplittableRandom random) {
    ColumnProfile whole = new ColumnProfile();
    for (int part = 0; part < 16; part++) {
      whole.merge(profile(random.doubles(1_250).toArray()));
    }
    return whole;
  }

  private static ColumnProfile profile(double[] values) {
    ColumnProfile profile = new ColumnProfile();
    for (double value : values) {
      profile.update(value);
    }
    return profile;
  }
}
