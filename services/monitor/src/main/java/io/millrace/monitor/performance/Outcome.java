// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.performance;

/**
 * A prediction whose label is known.
 *
 * @param score probability of the positive class
 * @param positive whether the label is positive
 * @param momentMs event time of the prediction
 */
public record Outcome(String predictionId, double score, boolean positive, long momentMs) {
  private static final double CLIP = 1e-6;

  /** Negative log-likelihood in nats, with the score clipped to [10⁻⁶, 1 − 10⁻⁶]. */
  public double logLoss() {
    double probability = Math.clamp(score, CLIP, 1 - CLIP);
    return -Math.log(positive ? probability : 1 - probability);
  }

  /**
   * Log loss beyond what a calibrated model expects of itself at this score (the entropy of the
   * score): 0 on average while the score is right, whichever rows come, so that its mean moves only
   * with P(y | x).
   */
  public double excessLoss() {
    double probability = Math.clamp(score, CLIP, 1 - CLIP);
    double entropy =
        -probability * Math.log(probability) - (1 - probability) * Math.log(1 - probability);
    return logLoss() - entropy;
  }
}
