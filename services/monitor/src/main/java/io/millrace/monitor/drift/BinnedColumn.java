// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.ReferenceProfile;
import io.millrace.stats.distance.Divergence;
import io.millrace.stats.test.ChiSquared;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bins of one column, as the reference of its model has them: those of its numbers or its kept
 * categories, one of other categories, and one of missing values. Immutable.
 */
final class BinnedColumn {
  /** Population stability index below which two windows are alike (Siddiqi, 2006). */
  private static final double ALIKE = 0.1;

  /** Steps from a season's counts to the reference's. */
  private static final int WAY = 4;

  private final ReferenceProfile.Column reference;
  private final double[] edges;
  private final Map<String, Integer> categories = new HashMap<>();
  private final List<String> labels = new ArrayList<>();
  private final double[] counts;
  private final double[] ranks;

  BinnedColumn(ReferenceProfile.Column reference) {
    this.reference = reference;
    this.counts = sum(reference.parts());
    ReferenceProfile.Numbers numbers = reference.numbers();
    ReferenceProfile.Categories named = reference.categories();
    if (numbers != null) {
      edges = numbers.edges().stream().mapToDouble(Double::doubleValue).toArray();
      for (int i = 0; i <= edges.length; i++) {
        labels.add(
            i == 0
                ? "≤ " + text(edges, 0)
                : i == edges.length ? "> " + text(edges, i - 1) : "… " + text(edges, i));
      }
    } else {
      edges = new double[0];
      if (named != null) {
        for (String category : named.counts().keySet()) {
          categories.put(category, categories.size());
          labels.add(category);
        }
      }
      labels.add("others");
    }
    labels.add("missing");
    ranks = ranks(counts);
  }

  private static String text(double[] edges, int i) {
    return i < edges.length ? String.format(Locale.ROOT, "%.4g", edges[i]) : "∞";
  }

  /** Middle of each bin's share of the reference, from 0 to 1. */
  private static double[] ranks(double[] counts) {
    double all = Math.max(1, Arrays.stream(counts).sum());
    double[] ranks = new double[counts.length];
    double before = 0;
    for (int i = 0; i < counts.length; i++) {
      ranks[i] = (before + counts[i] / 2) / all;
      before += counts[i];
    }
    return ranks;
  }

  /** Number of bins; 0 where the reference has no counts. */
  int width() {
    return counts.length;
  }

  boolean numeric() {
    return reference.numbers() != null;
  }

  ReferenceProfile.Column reference() {
    return reference;
  }

  /**
   * How far a stretch of the training rows differs from all of them: the largest population
   * stability index of any run of parts with so many rows. Time of day, trends and accumulating
   * counts move a column by that much without anything being wrong.
   *
   * @param windowRows rows of a stretch; at most half the rows count
   */
  double naturalPsi(long windowRows) {
    List<List<Long>> parts = reference.parts();
    int length =
        (int)
            Math.clamp(
                windowRows * parts.size() / Math.max(1, reference.rows()), 1, parts.size() / 2);
    double largest = 0;
    for (int from = 0; from + length <= parts.size(); from++) {
      double psi =
          Divergence.POPULATION_STABILITY_INDEX.between(
              counts, sum(parts.subList(from, from + length)));
      largest = Math.max(largest, psi);
    }
    return largest;
  }

  private static double[] sum(List<List<Long>> parts) {
    double[] sum = new double[parts.isEmpty() ? 0 : parts.getFirst().size()];
    for (List<Long> part : parts) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += part.get(i);
      }
    }
    return sum;
  }

  /**
   * Whether a window of counts is as an earlier one was or on the way to it from the reference: the
   * window in which a season begins or ends holds rows of both. They are alike where the population
   * stability index stays below {@value #ALIKE} and twice what as many rows differ by by chance.
   */
  static boolean noFurther(double[] reference, double[] before, double[] now) {
    double inReference = Math.max(1, Arrays.stream(reference).sum());
    double inBefore = Math.max(1, Arrays.stream(before).sum());
    double alike = ALIKE + 4 * (now.length - 1) / Math.max(1, Arrays.stream(now).sum());
    for (int step = 0; step < WAY; step++) {
      double share = 1 - (double) step / WAY;
      double[] mixed = new double[before.length];
      for (int i = 0; i < mixed.length; i++) {
        mixed[i] = share * before[i] + (1 - share) * reference[i] * inBefore / inReference;
      }
      if (Distance.between(mixed, now).psi() <= alike) {
        return true;
      }
    }
    return false;
  }

  /** Counts of the training rows. */
  double[] counts() {
    return counts.clone();
  }

  /** What each bin holds, for people. */
  List<String> labels() {
    return List.copyOf(labels);
  }

  /** The bin of a value. */
  int bin(@Nullable Object value) {
    if (!numeric()) {
      return value == null
          ? counts.length - 1
          : categories.getOrDefault(value.toString(), counts.length - 2);
    }
    double number = number(value);
    if (Double.isNaN(number)) {
      return counts.length - 1;
    }
    int found = Arrays.binarySearch(edges, number);
    return found >= 0 ? found : -found - 1;
  }

  /** Where a value stands among the training rows, from 0 to 1; the middle where it is missing. */
  double rank(int bin) {
    return bin == counts.length - 1 ? 0.5 : ranks[bin];
  }

  static double number(@Nullable Object value) {
    return switch (value) {
      case Number number -> number.doubleValue();
      case Boolean flag -> flag ? 1 : 0;
      case null, default -> Double.NaN;
    };
  }

  /**
   * How far two windows of counts are from each other.
   *
   * @param pValue of the chi-squared test of homogeneity
   * @param psi population stability index
   */
  record Distance(double pValue, double psi) {
    static Distance between(double[] before, double[] now) {
      if (Arrays.stream(before).sum() == 0 || Arrays.stream(now).sum() == 0) {
        return new Distance(1, 0);
      }
      double psi = Divergence.POPULATION_STABILITY_INDEX.between(before, now);
      double[][] pooled = ChiSquared.pooled(before, now);
      return pooled[0].length < 2
          ? new Distance(1, 0)
          : new Distance(ChiSquared.twoSample(pooled[0], pooled[1]).pValue(), psi);
    }
  }
}
