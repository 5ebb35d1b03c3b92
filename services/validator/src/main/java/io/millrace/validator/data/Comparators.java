// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules;
import io.millrace.stats.distance.AlignedBins;
import io.millrace.stats.distance.Divergence;
import io.millrace.stats.distance.NormalizedAbsoluteDifference;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.test.ColumnBins;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One comparator, two pairings: a span with the good spans before it (drift), served rows with
 * training rows (skew). Only what a person gave a threshold for is compared, and a breach is an
 * ERROR: no threshold fits every column.
 */
public final class Comparators {
  private static final int BINS = 20;

  private Comparators() {}

  static void check(
      String name,
      ColumnRules.@Nullable Thresholds thresholds,
      @Nullable ColumnProfile before,
      ColumnProfile now,
      String reference,
      Findings findings) {
    if (thresholds == null) {
      return;
    }
    if (before == null || before.values() == 0) {
      findings.warning(
          name,
          AnomalyKind.COMPARATOR_CONTROL_DATA_MISSING,
          now.values() + " values",
          "values in " + reference,
          "'" + name + "' has a threshold and nothing to be compared with");
      return;
    }
    AlignedBins bins = ColumnBins.of(before, now, BINS);
    tell(
        name,
        AnomalyKind.COMPARATOR_L_INFTY_HIGH,
        Divergence.L_INFINITY.between(bins),
        thresholds.infinityNorm(),
        reference,
        findings);
    tell(
        name,
        AnomalyKind.COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH,
        Divergence.JENSEN_SHANNON.between(bins),
        thresholds.jensenShannonDivergence(),
        reference,
        findings);
    tell(
        name,
        AnomalyKind.COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH,
        NormalizedAbsoluteDifference.between(equallyLarge(bins)),
        thresholds.normalizedAbsDifference(),
        reference,
        findings);
  }

  /** The reference holds many spans: its counts as if it held as many values as this one. */
  private static AlignedBins equallyLarge(AlignedBins bins) {
    double before = Arrays.stream(bins.reference()).sum();
    double now = Arrays.stream(bins.current()).sum();
    double factor = before == 0 ? 1 : now / before;
    return new AlignedBins(
        bins.labels(),
        Arrays.stream(bins.reference()).map(each -> each * factor).toArray(),
        bins.current());
  }

  private static void tell(
      String name,
      AnomalyKind kind,
      double distance,
      @Nullable Double limit,
      String reference,
      Findings findings) {
    if (limit != null && distance > limit) {
      findings.add(
          true,
          name,
          kind,
          "distance " + Shares.number(distance) + " to " + reference,
          "at most " + Shares.number(limit),
          "'" + name + "' is distributed differently",
          new Findings.Rows(null, List.of()));
    }
  }
}
