// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Confidence intervals of any metric on a stream whose rows belong together. Rows of one order, one
 * customer or one session are not independent, and intervals that take them for it are too narrow
 * (Davison and Hinkley, "Bootstrap methods and their application", 1997, section 3.8). Here each
 * replicate takes every unit, with all of its rows, a Poisson(1) number of times, which needs no
 * row twice and no length beforehand. Percentile interval.
 *
 * <p>The number is a hash of the unit, the replicate and the seed, so rows of one unit that are far
 * apart, or in parts of a stream that are merged later, are taken alike. Memory is that of the
 * replicates, whatever the number of rows; an added row costs every replicate a hash and, where it
 * is taken, an update. A replicate is any accumulator, for example a {@link
 * BinaryMetricsAccumulator}. Not thread-safe.
 *
 * <p>Sources: Oza and Russell, "Online bagging and boosting", AISTATS 2001 (Poisson(1) counts on a
 * stream); Hanley and MacGibbon, "Creating non-parametric bootstrap samples using Poisson
 * frequencies", 2006; Chamandy, Muralidharan, Najmi and Naidu, "Estimating uncertainty for massive
 * data streams", Google 2012 (hashes of units, merged parts).
 *
 * @param <A> an accumulator of rows
 */
public final class PoissonBootstrap<A> {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** Most that a unit is taken; beyond it are 10⁻¹⁹ of the draws. */
  private static final int MOST = 20;

  private static final double[] SHARE_AT_MOST = shareAtMost();

  private final long seed;
  private final List<A> replicates;

  /**
   * @param replicates number of replicates, 20 or more; 200 to 1000 are customary
   * @param empty makes a replicate without rows
   */
  public PoissonBootstrap(int replicates, long seed, Supplier<A> empty) {
    if (replicates < 20) {
      throw new IllegalArgumentException("replicates must be at least 20, was " + replicates);
    }
    this.seed = seed;
    this.replicates = new ArrayList<>(replicates);
    for (int i = 0; i < replicates; i++) {
      this.replicates.add(empty.get());
    }
  }

  /** A number for a unit with a name, the same in every process. */
  public static long unit(String name) {
    long hash = name.length();
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001B3L;
    }
    return mixed(hash);
  }

  /**
   * Adds a row.
   *
   * @param unit what the row belongs to, see {@link #unit}; for a row on its own its number
   * @param row adds the row to a replicate as often as it is told, at least once
   */
  public void add(long unit, ObjIntConsumer<A> row) {
    long start = mixed(seed + GOLDEN * unit);
    for (int i = 0; i < replicates.size(); i++) {
      int times = poisson(mixed(start + GOLDEN * (i + 1)));
      if (times > 0) {
        row.accept(replicates.get(i), times);
      }
    }
  }

  /**
   * Adds all that the other has seen.
   *
   * @param merge adds the second accumulator to the first
   * @throws IllegalArgumentException if the seeds or the numbers of replicates differ
   */
  public void merge(PoissonBootstrap<A> other, BiConsumer<A, A> merge) {
    if (other.seed != seed || other.replicates.size() != replicates.size()) {
      throw new IllegalArgumentException(
          "%d replicates of seed %d and %d of %d do not merge"
              .formatted(replicates.size(), seed, other.replicates.size(), other.seed));
    }
    for (int i = 0; i < replicates.size(); i++) {
      merge.accept(replicates.get(i), other.replicates.get(i));
    }
  }

  /**
   * The interval of a metric.
   *
   * @param metric of a replicate; NaN ones (say, without positives) are left out
   * @return NaN ends when no replicate had a value
   */
  public Interval interval(double confidence, ToDoubleFunction<A> metric) {
    double[] found =
        replicates.stream()
            .mapToDouble(metric)
            .filter(value -> !Double.isNaN(value))
            .sorted()
            .toArray();
    double alpha = 1 - confidence;
    return new Interval(at(found, alpha / 2), at(found, 1 - alpha / 2), confidence);
  }

  private static double at(double[] sorted, double rank) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double position = rank * (sorted.length - 1);
    int low = (int) position;
    int high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (position - low) * (sorted[high] - sorted[low]);
  }

  private static int poisson(long bits) {
    double uniform = (bits >>> 11) * 0x1p-53;
    int count = 0;
    while (uniform >= SHARE_AT_MOST[count]) {
      count++;
    }
    return count;
  }

  /** Σ e⁻¹/j! up to each number; 1 at the last. */
  private static double[] shareAtMost() {
    double[] shares = new double[MOST + 1];
    double term = Math.exp(-1);
    double sum = 0;
    for (int i = 0; i < MOST; i++) {
      sum += term;
      shares[i] = sum;
      term /= i + 1;
    }
    shares[MOST] = 1;
    return shares;
  }

  /** Stafford's variant 13 of the 64-bit finaliser of MurmurHash3. */
  private static long mixed(long value) {
    long bits = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    bits = (bits ^ (bits >>> 27)) * 0x94D049BB133111EBL;
    return bits ^ (bits >>> 31);
  }
}
