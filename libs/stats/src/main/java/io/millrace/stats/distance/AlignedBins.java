// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.distance;

import io.millrace.stats.profile.EmpiricalCdf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * The counts of a reference and a current window over the same bins. Immutable.
 *
 * @param labels what each bin holds, for a person to read
 * @param reference counts (or shares) of the reference window
 * @param current counts (or shares) of the current window
 */
public record AlignedBins(List<String> labels, double[] reference, double[] current) {

  /** Bins of the numeric comparisons unless said otherwise: deciles, as PSI is used. */
  public static final int DEFAULT_BINS = 10;

  /** Copies and checks. */
  public AlignedBins {
    labels = List.copyOf(labels);
    reference = reference.clone();
    current = current.clone();
    if (labels.size() != reference.length || labels.size() != current.length) {
      throw new IllegalArgumentException(
          "%d labels, %d and %d counts".formatted(labels.size(), reference.length, current.length));
    }
  }

  /** A copy of the counts of the reference window. */
  @Override
  public double[] reference() {
    return reference.clone();
  }

  /** A copy of the counts of the current window. */
  @Override
  public double[] current() {
    return current.clone();
  }

  /** Number of bins. */
  public int size() {
    return labels.size();
  }

  /** One bin per category that either side names. */
  public static AlignedBins ofCategories(
      Map<String, ? extends Number> reference, Map<String, ? extends Number> current) {
    Set<String> names = new LinkedHashSet<>(reference.keySet());
    names.addAll(current.keySet());
    double[] p = new double[names.size()];
    double[] q = new double[names.size()];
    int i = 0;
    for (String name : names) {
      Number a = reference.get(name);
      Number b = current.get(name);
      p[i] = a == null ? 0 : a.doubleValue();
      q[i++] = b == null ? 0 : b.doubleValue();
    }
    return new AlignedBins(List.copyOf(names), p, q);
  }

  /**
   * Bins that hold equal shares of the reference window, as far as ties allow: (−∞, q₁], (q₁, q₂],
   * … (qₙ₋₁, ∞). A value that fills several quantiles gets one bin.
   *
   * @param bins 2 or more
   */
  public static AlignedBins ofQuantiles(EmpiricalCdf reference, EmpiricalCdf current, int bins) {
    if (bins < 2) {
      throw new IllegalArgumentException("bins must be at least 2, was " + bins);
    }
    if (reference.count() == 0) {
      return new AlignedBins(List.of("all"), new double[] {0}, new double[] {current.count()});
    }
    double[] edges = new double[bins - 1];
    int kept = 0;
    for (int i = 1; i < bins; i++) {
      double edge = reference.quantile(i / (double) bins);
      if (kept == 0 || edge > edges[kept - 1]) {
        edges[kept++] = edge;
      }
    }
    return ofEdges(reference, current, Arrays.copyOf(edges, kept));
  }

  /** Bins (−∞, e₁], (e₁, e₂], … (eₙ, ∞) of ascending edges. */
  public static AlignedBins ofEdges(EmpiricalCdf reference, EmpiricalCdf current, double... edges) {
    List<String> labels = new ArrayList<>();
    for (int i = 0; i <= edges.length; i++) {
      String low = i == 0 ? "(-∞" : "(" + edges[i - 1];
      labels.add(low + ", " + (i == edges.length ? "∞)" : edges[i] + "]"));
    }
    return new AlignedBins(labels, counts(reference, edges), counts(current, edges));
  }

  private static double[] counts(EmpiricalCdf cdf, double[] edges) {
    double[] counts = new double[edges.length + 1];
    if (cdf.count() == 0) {
      return counts;
    }
    double below = 0;
    for (int i = 0; i < edges.length; i++) {
      double share = cdf.cdf(edges[i]);
      counts[i] = (share - below) * cdf.count();
      below = share;
    }
    counts[edges.length] = (1 - below) * cdf.count();
    return counts;
  }

  /**
   * Bins of two histograms whose boundaries differ: each is cut at the boundaries of the other,
   * mass spread evenly inside a bucket; a bucket of zero width stays a point; NaN has a bin of its
   * own. The convention of TensorFlow Data Validation.
   */
  public static AlignedBins ofHistograms(Histogram reference, Histogram current) {
    double[] cuts = cuts(reference, current);
    List<String> labels = new ArrayList<>();
    for (double point : cuts) {
      labels.add("{" + point + "}");
    }
    for (int i = 1; i < cuts.length; i++) {
      labels.add("(" + cuts[i - 1] + ", " + cuts[i] + ")");
    }
    labels.add("NaN");
    return new AlignedBins(labels, spread(reference, cuts), spread(current, cuts));
  }

  private static double[] cuts(Histogram reference, Histogram current) {
    return Stream.concat(reference.buckets().stream(), current.buckets().stream())
        .flatMapToDouble(bucket -> DoubleStream.of(bucket.low(), bucket.high()))
        .sorted()
        .distinct()
        .toArray();
  }

  private static double[] spread(Histogram histogram, double[] cuts) {
    int intervals = Math.max(0, cuts.length - 1);
    double[] mass = new double[cuts.length + intervals + 1];
    for (Histogram.Bucket bucket : histogram.buckets()) {
      int from = Arrays.binarySearch(cuts, bucket.low());
      if (bucket.low() == bucket.high()) {
        mass[from] += bucket.count();
        continue;
      }
      double width = bucket.high() - bucket.low();
      double scale = Double.isInfinite(width) ? 0.5 : 1; // wider than a double can say
      double scaledWidth = bucket.high() * scale - bucket.low() * scale;
      for (int i = from; cuts[i] < bucket.high(); i++) {
        double share = (cuts[i + 1] * scale - cuts[i] * scale) / scaledWidth;
        mass[cuts.length + i] += bucket.count() * share;
      }
    }
    mass[mass.length - 1] = histogram.nan();
    return mass;
  }
}
