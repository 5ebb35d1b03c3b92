// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Rows whose labels are drawn from a known probability, so that the best reachable area under the
 * ROC curve is a known number: that of the probability itself.
 */
record Synthetic(Matrix rows, double[] probabilities) {

  /**
   * @param width columns, at least 4; the first four matter, one of them not linearly
   */
  static Synthetic of(int rows, int width, boolean linear, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[rows * width];
    float[] labels = new float[rows];
    float[] weights = new float[rows];
    Arrays.fill(weights, 1);
    double[] probabilities = new double[rows];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < width; i++) {
        values[row * width + i] = (float) random.nextGaussian();
      }
      double a = values[row * width];
      double b = values[row * width + 1];
      double c = values[row * width + 2];
      double d = values[row * width + 3];
      double logit = -0.5 + a - 0.8 * b + (linear ? 0.5 * c + 0.3 * d : c * d);
      probabilities[row] = 1 / (1 + Math.exp(-logit));
      labels[row] = random.nextDouble() < probabilities[row] ? 1 : 0;
    }
    return new Synthetic(new Matrix(values, width, labels, weights), probabilities);
  }
}
