// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import io.millrace.stats.distance.AlignedBins;
import io.millrace.stats.distance.Divergence;
import io.millrace.stats.profile.ColumnKind;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.EmpiricalCdf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Compares two profiles of one column, choosing the test by what the column holds and by how much
 * of it there is.
 *
 * <ul>
 *   <li>Composition (missing, number, NaN, infinities, string, boolean, other): chi-squared, or
 *       Fisher's exact test for two rare classes.
 *   <li>Numbers with at most {@value #FEW_VALUES} distinct values, strings and booleans:
 *       chi-squared on the categories (for two of them that is the Z test), or Fisher's.
 *   <li>Other numbers: Kolmogorov-Smirnov, whose sketch error widens the gap that is needed.
 * </ul>
 *
 * <p>Drift needs both: a p-value below the level, and an effect (Jensen-Shannon distance, less what
 * sampling alone adds) of at least {@link DriftPolicy#leastEffect}. The first keeps small windows
 * quiet, the second large ones. The level is shared out over the comparisons made, so that it holds
 * for the column as a whole. What a sketch is too coarse to decide is {@link
 * DriftVerdict.Inconclusive}.
 */
public final class ColumnDrift {
  /** Distinct numbers up to which a numeric column is compared as categories. */
  public static final int FEW_VALUES = 20;

  /** Name of the test of the classes of values. */
  public static final String COMPOSITION = "composition";

  /** Name of the test of categories. */
  public static final String CHI_SQUARED = "chi_squared";

  /** Name of the test of numbers. */
  public static final String KOLMOGOROV_SMIRNOV = "kolmogorov_smirnov";

  private static final String AUTO = "auto";
  private static final double REST_LIMIT = 0.9;

  private ColumnDrift() {}

  /** {@link #compare(ColumnProfile, ColumnProfile, double, DriftPolicy)} by the default policy. */
  public static DriftVerdict compare(
      ColumnProfile reference, ColumnProfile current, double falseAlarmLevel) {
    return compare(reference, current, falseAlarmLevel, DriftPolicy.DEFAULT);
  }

  /**
   * Did the column change?
   *
   * @param falseAlarmLevel probability of calling an unchanged column drifted, within (0, 1)
   */
  public static DriftVerdict compare(
      ColumnProfile reference, ColumnProfile current, double falseAlarmLevel, DriftPolicy policy) {
    if (!(falseAlarmLevel > 0 && falseAlarmLevel < 1)) {
      throw new IllegalArgumentException(
          "falseAlarmLevel must lie within (0, 1), was " + falseAlarmLevel);
    }
    if (reference.rows() < policy.minimumRows() || current.rows() < policy.minimumRows()) {
      return new DriftVerdict.Inconclusive(
          AUTO,
          "windows of %d and %d rows, each needs %d"
              .formatted(reference.rows(), current.rows(), policy.minimumRows()));
    }
    double least = policy.leastEffect(reference.rows(), current.rows());
    boolean mixed = classes(reference, current) > 1;
    boolean distributed =
        enough(reference, policy) && enough(current, policy) && alike(reference, current);
    double level = mixed && distributed ? falseAlarmLevel / 2 : falseAlarmLevel;
    Bar bar = new Bar(level, least);
    List<DriftVerdict> found = new ArrayList<>();
    if (mixed) {
      found.add(composition(reference, current, bar));
    }
    if (distributed) {
      found.add(
          numeric(reference) && !fewValues(reference, current)
              ? numbers(reference, current, bar, policy.bins())
              : categories(CHI_SQUARED, Categories.forTest(reference, current), bar));
    }
    if (found.isEmpty()) {
      return onlyOneClass(reference, current, policy);
    }
    return combined(found);
  }

  /** What a change must pass to be drift: a p-value below the level, an effect of at least this. */
  record Bar(double level, double leastEffect) {}

  private static DriftVerdict onlyOneClass(
      ColumnProfile reference, ColumnProfile current, DriftPolicy policy) {
    if (classes(reference, current) == 0 || reference.values() + current.values() == 0) {
      // Rows without any value on both sides are the same distribution, whatever their number.
      return new DriftVerdict.Stable(
          COMPOSITION, 0, 0, 1, 0, policy.leastEffect(reference.rows(), current.rows()));
    }
    return new DriftVerdict.Inconclusive(
        AUTO,
        "%d and %d comparable values, each window needs %d"
            .formatted(
                Categories.countable(reference),
                Categories.countable(current),
                policy.minimumRows()));
  }

  private static int classes(ColumnProfile reference, ColumnProfile current) {
    Map<String, Long> other = current.composition();
    int used = 0;
    for (Map.Entry<String, Long> part : reference.composition().entrySet()) {
      used += part.getValue() + other.getOrDefault(part.getKey(), 0L) > 0 ? 1 : 0;
    }
    return used;
  }

  private static boolean enough(ColumnProfile column, DriftPolicy policy) {
    return Categories.countable(column) >= policy.minimumRows();
  }

  private static boolean alike(ColumnProfile reference, ColumnProfile current) {
    return dominant(reference) == dominant(current);
  }

  private static boolean numeric(ColumnProfile column) {
    return dominant(column) == ColumnKind.NUMERIC;
  }

  private static ColumnKind dominant(ColumnProfile column) {
    if (column.numbers() >= Math.max(column.strings(), column.booleans())) {
      return ColumnKind.NUMERIC;
    }
    return column.strings() >= column.booleans() ? ColumnKind.CATEGORICAL : ColumnKind.BOOLEAN;
  }

  static boolean fewValues(ColumnProfile reference, ColumnProfile current) {
    return reference.heavyHitterError() == 0
        && current.heavyHitterError() == 0
        && Categories.of(reference, current).size() <= FEW_VALUES;
  }

  private static DriftVerdict composition(ColumnProfile reference, ColumnProfile current, Bar bar) {
    AlignedBins bins = AlignedBins.ofCategories(reference.composition(), current.composition());
    return categories(COMPOSITION, bins, bar);
  }

  static DriftVerdict categories(String test, AlignedBins bins, Bar bar) {
    if (Categories.restShare(bins) > REST_LIMIT) {
      return new DriftVerdict.Inconclusive(
          test, "nearly all values are rare (an identifier?), so shares cannot be compared");
    }
    double[][] pooled = ChiSquared.pooled(bins.reference(), bins.current());
    double effect = effect(pooled[0], pooled[1]);
    int size = pooled[0].length;
    if (size < 2 && bins.size() > 1) {
      return rareCategories(test, bins, bar);
    }
    TestOutcome outcome = ChiSquared.twoSample(pooled[0], pooled[1]);
    double threshold = size < 2 ? 0 : ChiSquared.criticalValue(bar.level(), size - 1);
    return judged(test, outcome.statistic(), threshold, outcome.pValue(), effect, bar);
  }

  /** The category that both windows together hold most of, and all others. */
  static double[][] largestAndRest(AlignedBins bins) {
    double[] p = bins.reference();
    double[] q = bins.current();
    int largest = 0;
    for (int i = 0; i < p.length; i++) {
      largest = p[i] + q[i] > p[largest] + q[largest] ? i : largest;
    }
    double n = Arrays.stream(p).sum();
    double m = Arrays.stream(q).sum();
    return p.length == 0
        ? new double[2][0]
        : new double[][] {{p[largest], n - p[largest]}, {q[largest], m - q[largest]}};
  }

  /** All but one category is too rare for chi-squared: the largest against the rest, exactly. */
  private static DriftVerdict rareCategories(String test, AlignedBins bins, Bar bar) {
    double[][] two = largestAndRest(bins);
    double restP = two[0][1];
    double restQ = two[1][1];
    double n = two[0][0] + restP;
    double m = two[1][0] + restQ;
    double effect = effect(two[0], two[1]);
    boolean exact = n + m <= Integer.MAX_VALUE;
    TestOutcome outcome =
        exact
            ? Proportions.fisherExact((int) restP, (int) n, (int) restQ, (int) m)
            : Proportions.zTest((long) restP, (long) n, (long) restQ, (long) m);
    double statistic = Math.abs(restQ / m - restP / n);
    double pooledShare = (restP + restQ) / (n + m);
    double threshold =
        Normal.quantile(1 - bar.level() / 2)
            * Math.sqrt(pooledShare * (1 - pooledShare) * (1 / n + 1 / m));
    return judged(test, statistic, threshold, outcome.pValue(), effect, bar);
  }

  private static DriftVerdict numbers(
      ColumnProfile reference, ColumnProfile current, Bar bar, int binCount) {
    EmpiricalCdf p = reference.cdf();
    EmpiricalCdf q = current.cdf();
    KolmogorovSmirnov.Banded found = KolmogorovSmirnov.testWithin(p, q);
    AlignedBins bins = AlignedBins.ofQuantiles(p, q, binCount);
    double effect = effect(bins.reference(), bins.current());
    double critical = found.criticalValue(bar.level());
    if (found.tooCoarse(bar.level()) && effect >= bar.leastEffect()) {
      return new DriftVerdict.Inconclusive(
          KOLMOGOROV_SMIRNOV,
          "gap %.4f ± %.4f is below the critical %.4f only by its error, at %d and %d values"
              .formatted(found.statistic(), found.band(), critical, p.count(), q.count()));
    }
    return judged(KOLMOGOROV_SMIRNOV, found.statistic(), critical, found.pValue(), effect, bar);
  }

  /**
   * Jensen-Shannon distance less what sampling alone adds to it: two samples of one distribution
   * over k used bins differ on average by (k − 1)(1/n + 1/m)/(8 ln 2) bits, which in a small window
   * looks like drift.
   */
  static double effect(double[] reference, double[] current) {
    double n = Arrays.stream(reference).sum();
    double m = Arrays.stream(current).sum();
    if (n == 0 || m == 0) {
      return Divergence.JENSEN_SHANNON_DISTANCE.between(reference, current);
    }
    int used = 0;
    for (int i = 0; i < reference.length; i++) {
      used += reference[i] + current[i] > 0 ? 1 : 0;
    }
    double noise = (used - 1) * (1 / n + 1 / m) / (8 * Math.log(2));
    return Math.sqrt(Math.max(0, Divergence.JENSEN_SHANNON.between(reference, current) - noise));
  }

  private static DriftVerdict judged(
      String test, double statistic, double threshold, double pValue, double effect, Bar bar) {
    double least = bar.leastEffect();
    return pValue < bar.level() && effect >= least
        ? new DriftVerdict.Drifted(test, statistic, threshold, pValue, effect, least)
        : new DriftVerdict.Stable(test, statistic, threshold, pValue, effect, least);
  }

  /** Drift wins over doubt, doubt over stability; p-values are corrected for the comparisons. */
  private static DriftVerdict combined(List<DriftVerdict> found) {
    int comparisons = found.size();
    DriftVerdict best = found.getFirst();
    for (DriftVerdict each : found) {
      best = rank(each) > rank(best) ? each : best;
    }
    return switch (best) {
      case DriftVerdict.Drifted d ->
          new DriftVerdict.Drifted(
              d.test(),
              d.statistic(),
              d.threshold(),
              Math.min(1, d.pValue() * comparisons),
              d.effect(),
              d.minimumEffect());
      case DriftVerdict.Stable s ->
          new DriftVerdict.Stable(
              s.test(),
              s.statistic(),
              s.threshold(),
              Math.min(1, s.pValue() * comparisons),
              s.effect(),
              s.minimumEffect());
      case DriftVerdict.Inconclusive i -> i;
    };
  }

  private static double rank(DriftVerdict verdict) {
    return switch (verdict) {
      case DriftVerdict.Drifted d -> 4 - d.pValue();
      case DriftVerdict.Inconclusive _ -> 2;
      case DriftVerdict.Stable s -> 1 - s.pValue();
    };
  }
}
