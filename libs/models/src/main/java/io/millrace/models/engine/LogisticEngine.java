// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

/** Linear and logistic regression in plain Java. */
public final class LogisticEngine implements ScorerEngine {
  /** The algorithm's name. */
  public static final String NAME = "logistic";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String weightsFile() {
    return "weights.linear.json";
  }

  @Override
  public Scorer load(byte[] bytes, int width, Device device) {
    LinearWeights weights = LinearWeights.fromBytes(bytes);
    if (weights.coefficients().size() != width) {
      throw new IllegalArgumentException(
          "%d coefficients for %d columns".formatted(weights.coefficients().size(), width));
    }
    return new LinearScorer(weights);
  }

  private static final class LinearScorer extends GuardedScorer {
    private final LinearWeights weights;
    private final double[] coefficients;

    LinearScorer(LinearWeights weights) {
      super(weights.coefficients().size());
      this.weights = weights;
      coefficients = weights.coefficients().stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    double[] compute(float[] batch, int rows) {
      double[] scores = new double[rows];
      int offset = 0;
      for (int row = 0; row < rows; row++) {
        double sum = weights.intercept();
        for (double coefficient : coefficients) {
          float value = batch[offset++];
          if (!Float.isNaN(value)) {
            sum += coefficient * value;
          }
        }
        scores[row] = weights.link().apply(sum);
      }
      return scores;
    }

    @Override
    void free() {
      // nothing native
    }
  }
}
