// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.metric;

/**
 * One point of a calibration curve.
 *
 * @param low lower end of the range of predictions, included
 * @param high upper end, excluded except at 1
 * @param count rows inside
 * @param meanPrediction mean prediction of them
 * @param positiveShare share of them whose outcome was positive
 */
public record CalibrationBin(
    double low, double high, long count, double meanPrediction, double positiveShare) {

  /** Wilson's interval of the positive share; the model is off here if it lacks the prediction. */
  public Interval interval(double confidence) {
    return Interval.ofShare(
        Math.min(positiveShare, 1) * (double) count, (double) count, confidence);
  }
}
