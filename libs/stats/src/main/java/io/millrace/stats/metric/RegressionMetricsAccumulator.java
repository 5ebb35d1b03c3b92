// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

import io.millrace.stats.profile.Moments;

/**
 * Quality of numeric predictions on a stream or in batch; mergeable, constant memory, not
 * thread-safe. No rows give NaN.
 */
public final class RegressionMetricsAccumulator {
  private final Moments errors = new Moments();
  private final Moments outcomes = new Moments();
  private double absolute;
  private double squares;
  private double percentages;
  private long nonZero;

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
    absolute += Math.abs(error);
    squares += error * error;
    if (outcome != 0) {
      percentages += Math.abs(error / outcome);
      nonZero++;
    }
  }

  /** Adds all that the other has seen. */
  public void merge(RegressionMetricsAccumulator other) {
    errors.merge(other.errors);
    outcomes.merge(other.outcomes);
    absolute += other.absolute;
    squares += other.squares;
    percentages += other.percentages;
    nonZero += other.nonZero;
  }

  /** Rows added. */
  public long count() {
    return errors.count();
  }

  /** Mean absolute error. */
  public double mae() {
    return absolute / errors.count();
  }

  /** Root of the mean squared error. */
  public double rmse() {
    return Math.sqrt(squares / errors.count());
  }

  /** Mean of prediction − outcome. */
  public double bias() {
    return errors.mean();
  }

  /** Mean absolute error as a share of the outcome, over the rows whose outcome is not 0. */
  public double mape() {
    return percentages / nonZero;
  }

  /** Share of the outcomes' variance that the predictions explain; NaN when there is none. */
  public double r2() {
    double total = outcomes.variance() * (outcomes.count() - 1);
    return total > 0 ? 1 - squares / total : Double.NaN;
  }
}
