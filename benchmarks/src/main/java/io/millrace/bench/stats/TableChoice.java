// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.stats.distance.AlignedBins;
import io.millrace.stats.distance.CdfDistance;
import io.millrace.stats.distance.Divergence;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.test.ChiSquared;
import io.millrace.stats.test.KolmogorovSmirnov;
import io.millrace.stats.test.Proportions;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rule by which Evidently 0.7 chooses a drift test for a column, on the raw values that it
 * needs: up to 1,000 reference rows a p-value below 0.05 (Kolmogorov-Smirnov, chi-squared of fit,
 * or Z for two values), beyond them a distance of 0.1 (Wasserstein in deviations, or
 * Jensen-Shannon). Our implementation of its table, not its code; the tests themselves give its
 * published figures, see {@code DriftKnownAnswersTest}.
 */
final class TableChoice {
  private static final int SMALL = 1_000;
  private static final int FEW = 5;
  private static final double LEVEL = 0.05;
  private static final double DISTANCE = 0.1;

  private TableChoice() {}

  static boolean drifted(double[] reference, double[] current, boolean numeric) {
    AlignedBins bins = AlignedBins.ofCategories(counts(reference), counts(current));
    long distinct = Arrays.stream(reference).distinct().count();
    if (numeric && distinct > FEW) {
      return reference.length <= SMALL
          ? KolmogorovSmirnov.test(reference, current).pValue() < LEVEL
          : CdfDistance.WASSERSTEIN_NORMED.between(
                  EmpiricalCdf.of(reference), EmpiricalCdf.of(current))
              >= DISTANCE;
    }
    if (reference.length > SMALL) {
      return Divergence.JENSEN_SHANNON_DISTANCE.between(bins) >= DISTANCE;
    }
    return distinct > 2 ? fitFails(bins) : sharesDiffer(bins);
  }

  private static Map<String, Integer> counts(double[] values) {
    Map<String, Integer> counts = new TreeMap<>();
    for (double value : values) {
      counts.merge(Double.toString(value), 1, Integer::sum);
    }
    return counts;
  }

  private static boolean fitFails(AlignedBins bins) {
    double[] expected = bins.reference();
    // A value that the reference lacks has no expectation: infinitely far off.
    return Arrays.stream(expected).anyMatch(count -> count == 0)
        || ChiSquared.goodnessOfFit(expected, bins.current()).pValue() < LEVEL;
  }

  private static boolean sharesDiffer(AlignedBins bins) {
    double[] p = bins.reference();
    double[] q = bins.current();
    return Proportions.zTest(
                (long) p[0],
                (long) Arrays.stream(p).sum(),
                (long) q[0],
                (long) Arrays.stream(q).sum())
            .pValue()
        < LEVEL;
  }
}
