// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import io.millrace.stats.test.Normal;
import java.util.Arrays;

/**
 * Area under the receiver operating characteristic: the probability that a random positive scores
 * above a random negative, ties counting half. Exact, in O(n log n).
 *
 * <p>Uncertainty by DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more
 * correlated receiver operating characteristic curves", Biometrics 1988. NaN wherever a class is
 * absent, for then the area is not defined.
 */
public final class Auc {
  /**
   * An area with its uncertainty.
   *
   * @param auc the area, in [0, 1]; NaN when a class is absent
   * @param standardError DeLong's standard error; NaN when a class has fewer than two rows
   * @param interval on the logit scale, so that it stays inside [0, 1]
   * @param positives rows of the positive class
   * @param negatives rows of the negative class
   */
  public record Estimate(
      double auc, double standardError, Interval interval, long positives, long negatives) {}

  /**
   * Two models on the same rows.
   *
   * @param first area of the first model
   * @param second area of the second
   * @param difference second − first
   * @param standardError of the difference, with the covariance of the two taken into account
   * @param pValue two-sided, of no difference
   * @param interval of the difference
   */
  public record Comparison(
      double first,
      double second,
      double difference,
      double standardError,
      double pValue,
      Interval interval) {}

  private Auc() {}

  /**
   * The area.
   *
   * @param scores higher means likelier positive; none NaN
   * @param labels true is positive
   */
  public static double of(double[] scores, boolean[] labels) {
    return area(split(scores, labels));
  }

  /** The area; a label is positive when it is 1 and negative when it is 0. */
  public static double of(double[] scores, int[] labels) {
    return of(scores, Labels.of(labels));
  }

  /** The area with DeLong's standard error and interval. */
  public static Estimate estimate(double[] scores, boolean[] labels, double confidence) {
    double[][] classes = split(scores, labels);
    double[] positives = classes[1];
    double[] negatives = classes[0];
    double auc = area(classes);
    if (Double.isNaN(auc)) {
      return new Estimate(
          auc, Double.NaN, new Interval(0, 1, confidence), positives.length, negatives.length);
    }
    double[] wins = new double[positives.length];
    double[] losses = new double[negatives.length];
    for (int i = 0; i < wins.length; i++) {
      wins[i] = shareBelow(negatives, positives[i]);
    }
    for (int i = 0; i < losses.length; i++) {
      losses[i] = 1 - shareBelow(positives, negatives[i]);
    }
    double variance =
        covariance(wins, wins) / wins.length + covariance(losses, losses) / losses.length;
    double error = Math.min(wins.length, losses.length) < 2 ? Double.NaN : Math.sqrt(variance);
    return new Estimate(
        auc,
        error,
        interval(auc, error, Math.min(wins.length, losses.length), confidence),
        wins.length,
        losses.length);
  }

  /**
   * On the logit scale; by the size of the smaller class alone where nothing varies.
   *
   * @param smaller rows of the rarer class, possibly a weight
   */
  static Interval interval(double auc, double error, double smaller, double confidence) {
    double alpha = 1 - confidence;
    if (!(error > 0) || auc <= 0 || auc >= 1) {
      double unseen = unseen(smaller, confidence);
      return new Interval(Math.max(0, auc - unseen), Math.min(1, auc + unseen), confidence);
    }
    double logit = Math.log(auc / (1 - auc));
    double half = Normal.quantile(1 - alpha / 2) * error / (auc * (1 - auc));
    return new Interval(
        1 / (1 + Math.exp(-(logit - half))), 1 / (1 + Math.exp(-(logit + half))), confidence);
  }

  /** Perfect separation has no variance to estimate: the bound of "never seen in n" remains. */
  private static double unseen(double rows, double confidence) {
    return 1 - Math.pow((1 - confidence) / 2, 1.0 / rows);
  }

  /**
   * Compares two models on the same rows. A class of one row has no variance to estimate: then the
   * p-value is 1. Where every row of a class speaks for the same model alike, it is that of the
   * sign test on the rarer class.
   *
   * @throws IllegalArgumentException if the lengths differ
   */
  public static Comparison compare(
      double[] first, double[] second, boolean[] labels, double confidence) {
    Labels.requireSameLength(first.length, second.length, labels.length);
    double[][] a = placements(first, labels);
    double[][] b = placements(second, labels);
    double aucA = mean(a[0]);
    double aucB = mean(b[0]);
    double difference = aucB - aucA;
    double variance = 0;
    for (int side = 0; side < 2; side++) {
      double[] x = a[side];
      double[] y = b[side];
      variance += (covariance(x, x) + covariance(y, y) - 2 * covariance(x, y)) / x.length;
    }
    int rarer = Math.min(a[0].length, a[1].length);
    double error = rarer < 2 ? Double.NaN : Math.sqrt(Math.max(0, variance));
    double half =
        error > 0
            ? Normal.quantile(1 - (1 - confidence) / 2) * error
            : rarer < 2 ? 2 : unseen(rarer, confidence);
    return new Comparison(
        aucA,
        aucB,
        difference,
        error,
        pValue(difference, error, rarer),
        new Interval(Math.max(-1, difference - half), Math.min(1, difference + half), confidence));
  }

  private static double pValue(double difference, double error, int rarer) {
    if (Double.isNaN(difference)) {
      return Double.NaN; // a class is absent
    }
    if (difference == 0 || rarer < 2) {
      return 1;
    }
    return error > 0 ? Normal.twoSided(difference / error) : Math.min(1, 2 * Math.pow(0.5, rarer));
  }

  /** For each positive the share of negatives below it, for each negative of positives above. */
  private static double[][] placements(double[] scores, boolean[] labels) {
    double[][] classes = split(scores, labels);
    double[] wins = new double[classes[1].length];
    double[] losses = new double[classes[0].length];
    int p = 0;
    int n = 0;
    for (int i = 0; i < scores.length; i++) {
      if (labels[i]) {
        wins[p++] = shareBelow(classes[0], scores[i] + 0.0);
      } else {
        losses[n++] = 1 - shareBelow(classes[1], scores[i] + 0.0);
      }
    }
    return new double[][] {wins, losses};
  }

  /** Sorted scores of the negatives, then of the positives. */
  private static double[][] split(double[] scores, boolean[] labels) {
    Labels.requireSameLength(scores.length, labels.length);
    int positives = Labels.count(labels);
    double[] high = new double[positives];
    double[] low = new double[scores.length - positives];
    int p = 0;
    int n = 0;
    for (int i = 0; i < scores.length; i++) {
      Labels.requireNumber(scores[i]);
      if (labels[i]) {
        high[p++] = scores[i] + 0.0;
      } else {
        low[n++] = scores[i] + 0.0;
      }
    }
    Arrays.sort(high);
    Arrays.sort(low);
    return new double[][] {low, high};
  }

  private static double area(double[][] classes) {
    double[] low = classes[0];
    double[] high = classes[1];
    if (low.length == 0 || high.length == 0) {
      return Double.NaN;
    }
    double pairs = 0;
    int below = 0;
    int atMost = 0;
    for (double score : high) {
      while (below < low.length && low[below] < score) {
        below++;
      }
      atMost = Math.max(atMost, below);
      while (atMost < low.length && low[atMost] <= score) {
        atMost++;
      }
      pairs += (below + (double) atMost) / 2;
    }
    return pairs / ((double) low.length * high.length);
  }

  /** Share of sorted values below {@code x}, ties counting half. */
  private static double shareBelow(double[] sorted, double x) {
    return (bound(sorted, x, false) + (double) bound(sorted, x, true)) / (2.0 * sorted.length);
  }

  private static int bound(double[] sorted, double x, boolean orEqual) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int mid = (low + high) >>> 1;
      if (sorted[mid] < x || (orEqual && sorted[mid] == x)) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    return low;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }

  private static double covariance(double[] x, double[] y) {
    if (x.length < 2) {
      return 0;
    }
    double meanX = mean(x);
    double meanY = mean(y);
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (x[i] - meanX) * (y[i] - meanY);
    }
    return sum / (x.length - 1);
  }
}
