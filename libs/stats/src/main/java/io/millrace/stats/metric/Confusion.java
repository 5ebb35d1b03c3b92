// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

/**
 * Decisions against outcomes at one threshold. A share whose denominator is 0 is NaN. Mergeable by
 * {@link #plus}.
 *
 * @param truePositives positives called positive
 * @param falsePositives negatives called positive
 * @param trueNegatives negatives called negative
 * @param falseNegatives positives called negative
 */
public record Confusion(
    long truePositives, long falsePositives, long trueNegatives, long falseNegatives) {

  /** Counts the rows, calling positive a score of at least {@code threshold}. */
  public static Confusion at(double threshold, double[] scores, boolean[] labels) {
    Labels.requireSameLength(scores.length, labels.length);
    long[] cells = new long[4];
    for (int i = 0; i < scores.length; i++) {
      Labels.requireNumber(scores[i]);
      cells[(scores[i] >= threshold ? 2 : 0) + (labels[i] ? 1 : 0)]++;
    }
    return new Confusion(cells[3], cells[2], cells[0], cells[1]);
  }

  /** The counts of both. */
  public Confusion plus(Confusion other) {
    return new Confusion(
        truePositives + other.truePositives,
        falsePositives + other.falsePositives,
        trueNegatives + other.trueNegatives,
        falseNegatives + other.falseNegatives);
  }

  /** Number of rows. */
  public long count() {
    return truePositives + falsePositives + trueNegatives + falseNegatives;
  }

  /** Share of right decisions. */
  public double accuracy() {
    return ratio(truePositives + trueNegatives, count());
  }

  /** Share of the rows called positive that are. */
  public double precision() {
    return ratio(truePositives, truePositives + falsePositives);
  }

  /** Share of the positives that were called so. */
  public double recall() {
    return ratio(truePositives, truePositives + falseNegatives);
  }

  /** Share of the negatives that were called so. */
  public double specificity() {
    return ratio(trueNegatives, trueNegatives + falsePositives);
  }

  /** Share of the negatives called positive. */
  public double falsePositiveRate() {
    return ratio(falsePositives, trueNegatives + falsePositives);
  }

  /** Share of rows called positive. */
  public double positiveRate() {
    return ratio(truePositives + falsePositives, count());
  }

  /** Wilson's interval of {@link #precision()}. */
  public Interval precisionInterval(double confidence) {
    return Interval.ofShare(
        (double) truePositives, (double) truePositives + falsePositives, confidence);
  }

  /** Wilson's interval of {@link #recall()}. */
  public Interval recallInterval(double confidence) {
    return Interval.ofShare(
        (double) truePositives, (double) truePositives + falseNegatives, confidence);
  }

  /** Wilson's interval of {@link #accuracy()}. */
  public Interval accuracyInterval(double confidence) {
    return Interval.ofShare((double) truePositives + trueNegatives, (double) count(), confidence);
  }

  /** Harmonic mean of precision and recall. */
  public double f1() {
    return f(1);
  }

  /**
   * Interval of {@link #f1()}: of the rows that are positive or called so, the share that is both
   * is a share of independent rows, which has Wilson's interval, and F1 grows with it as 2s/(1+s).
   */
  public Interval f1Interval(double confidence) {
    Interval both =
        Interval.ofShare(
            (double) truePositives,
            (double) truePositives + falsePositives + falseNegatives,
            confidence);
    return new Interval(
        2 * both.low() / (1 + both.low()), 2 * both.high() / (1 + both.high()), confidence);
  }

  /** F-measure that weighs recall {@code beta} times as much as precision. */
  public double f(double beta) {
    double square = beta * beta;
    double whole = (1 + square) * truePositives + square * falseNegatives + falsePositives;
    return whole == 0 ? Double.NaN : (1 + square) * truePositives / whole;
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? Double.NaN : (double) part / whole;
  }
}
