// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import io.millrace.stats.profile.Moments;

/**
 * Quality of numeric predictions on a stream or in batch; mergeable, constant memory, not
 * thread-safe. No rows give NaN. Intervals are analytic, for independent rows (for rows that belong
 * together see {@link PoissonBootstrap}).
 */
public final class RegressionMetricsAccumulator {
  private final Moments errors = new Moments();
  private final Moments outcomes = new Moments();
  private final Moments absolutes = new Moments();
  private final Moments squares = new Moments();
  private final Moments shares = new Moments();

  /** The metrics of whole arrays. */
  public static RegressionMetricsAccumulator of(double[] predictions, double[] outcomes) {
    Labels.requireSameLength(predictions.length, outcomes.length);
    RegressionMetricsAccumulator all = new RegressionMetricsAccumulator();
    for (int i = 0; i < predictions.length; i++) {
      all.add(predictions[i], outcomes[i]);
    }
    return all;
  }

  /** Adds one prediction and its outcome, both finite. */
  public void add(double prediction, double outcome) {
    if (!Double.isFinite(prediction) || !Double.isFinite(outcome)) {
      throw new IllegalArgumentException(
          "values must be finite, were %s and %s".formatted(prediction, outcome));
    }
    double error = prediction - outcome;
    errors.add(error);
    outcomes.add(outcome);
    absolutes.add(Math.abs(error));
    squares.add(error * error);
    if (outcome != 0) {
      shares.add(Math.abs(error / outcome));
    }
  }

  /** Adds all that the other has seen. */
  public void merge(RegressionMetricsAccumulator other) {
    errors.merge(other.errors);
    outcomes.merge(other.outcomes);
    absolutes.merge(other.absolutes);
    squares.merge(other.squares);
    shares.merge(other.shares);
  }

  /** Rows added. */
  public long count() {
    return errors.count();
  }

  /** Mean absolute error. */
  public double mae() {
    return absolutes.mean();
  }

  /** Interval of {@link #mae()}; [0, ∞) below two rows. */
  public Interval maeInterval(double confidence) {
    return ofMean(absolutes, confidence, 0);
  }

  /** Interval of {@link #rmse()}, the root of that of the mean squared error. */
  public Interval rmseInterval(double confidence) {
    Interval square = ofMean(squares, confidence, 0);
    return new Interval(Math.sqrt(square.low()), Math.sqrt(square.high()), confidence);
  }

  /** Interval of {@link #bias()}; all numbers below two rows. */
  public Interval biasInterval(double confidence) {
    return ofMean(errors, confidence, Double.NEGATIVE_INFINITY);
  }

  /** Interval of {@link #mape()}; [0, ∞) below two rows with an outcome other than 0. */
  public Interval mapeInterval(double confidence) {
    return ofMean(shares, confidence, 0);
  }

  private static Interval ofMean(Moments values, double confidence, double least) {
    double error = values.standardDeviation() / Math.sqrt((double) values.count());
    return Interval.ofMean(values.mean(), error, confidence, least, Double.POSITIVE_INFINITY);
  }

  /** Root of the mean squared error. */
  public double rmse() {
    return Math.sqrt(squares.mean());
  }

  /** Mean of prediction − outcome. */
  public double bias() {
    return errors.mean();
  }

  /** Mean absolute error as a share of the outcome, over the rows whose outcome is not 0. */
  public double mape() {
    return shares.mean();
  }

  /** Share of the outcomes' variance that the predictions explain; NaN when there is none. */
  public double r2() {
    double total = outcomes.variance() * (outcomes.count() - 1);
    return total > 0 ? 1 - squares.mean() * squares.count() / total : Double.NaN;
  }
}
