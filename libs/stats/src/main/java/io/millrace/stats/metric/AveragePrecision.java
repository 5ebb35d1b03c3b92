// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import org.hipparchus.random.RandomDataGenerator;
import org.hipparchus.special.Gamma;

/**
 * Area under precision and recall of binned scores, the rows of one bin counting as ties; NaN
 * without positives.
 */
final class AveragePrecision {
  private static final int REPLICATES = 200;
  private static final long SEED = 1;

  private AveragePrecision() {}

  static double of(CalibrationTable table) {
    double hits = 0;
    double called = 0;
    double sum = 0;
    for (int i = table.bins() - 1; i >= 0; i--) {
      double gained = table.positives(i);
      hits += gained;
      called += gained + table.negatives(i);
      sum += gained > 0 ? gained * hits / called : 0;
    }
    return sum / hits;
  }

  /** In the best order the positives of each bin come first, in the worst last. */
  static double errorBound(CalibrationTable table) {
    double hits = 0;
    double called = 0;
    double best = 0;
    double worst = 0;
    for (int i = table.bins() - 1; i >= 0; i--) {
      double p = table.positives(i);
      double n = table.negatives(i);
      best += precisions(hits, called, p);
      worst += precisions(hits, called + n, p);
      hits += p;
      called += p + n;
    }
    double middle = of(table);
    return Math.max(best / hits - middle, middle - worst / hits);
  }

  /** Sum over j = 1 … p of (hits + j)/(called + j): the precision at each of p positives. */
  private static double precisions(double hits, double called, double p) {
    return p == 0
        ? 0
        : p - (called - hits) * (Gamma.digamma(called + p + 1) - Gamma.digamma(called + 1));
  }

  /**
   * By the deviation of {@value #REPLICATES} Poisson bootstrap replicates, on the logit scale,
   * widened by the error bound; [0, 1] without positives. If every row is taken a Poisson(1) number
   * of times, the n rows of a cell together are taken a Poisson(n) number of times: so a replicate
   * is drawn from the table, no row is needed, and nothing is paid for before somebody asks.
   *
   * @param scale number of rows that one unit of weight stands for
   */
  static Interval interval(CalibrationTable table, double scale, double confidence) {
    double area = of(table);
    // Also where an old format did not keep the weights' squares.
    if (Double.isNaN(area) || Double.isNaN(scale)) {
      return new Interval(0, 1, confidence);
    }
    RandomDataGenerator random = new RandomDataGenerator(SEED);
    double sum = 0;
    double squares = 0;
    int drawn = 0;
    for (int i = 0; i < REPLICATES; i++) {
      double replicate = of(table.drawn(random::nextPoisson, scale));
      if (!Double.isNaN(replicate)) {
        sum += replicate;
        squares += replicate * replicate;
        drawn++;
      }
    }
    double error = Math.sqrt(Math.max(0, squares / drawn - sum / drawn * sum / drawn));
    double positives = 0;
    for (int i = 0; i < table.bins(); i++) {
      positives += table.positives(i);
    }
    Interval binned = Auc.interval(area, error, positives * scale, confidence);
    double bound = errorBound(table);
    return new Interval(
        Math.max(0, binned.low() - bound), Math.min(1, binned.high() + bound), confidence);
  }
}
