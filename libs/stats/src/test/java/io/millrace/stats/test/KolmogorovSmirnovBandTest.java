// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.stats.profile.ColumnProfile;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The band of a gap between two sketches beside the gap of the values themselves. */
class KolmogorovSmirnovBandTest {
  private static final int RUNS = 500;

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
      assertThat(found.pValueAtMost()).isGreaterThanOrEqualTo(found.pValueAtLeast());
    }
    System.out.printf(
        "gap outside its band n=%d m=%d: %d of %d, outside a quarter of it %d%n",
        n, m, outside, RUNS, outsideQuarter);
    assertThat(outside).isLessThanOrEqualTo(RUNS / 100 + 6);
    // The band is no wider than it has to be.
    assertThat(outsideQuarter).isGreaterThan(RUNS / 10);
  }

  private static ColumnProfile profile(double[] values) {
    ColumnProfile profile = new ColumnProfile();
    for (double value : values) {
      profile.update(value);
    }
    return profile;
  }
}
