// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import java.util.Collections;

class LogisticEngineTest extends ScorerContract {
  @Override
  ScorerEngine engine() {
    return Engines.of("logistic");
  }

  /** A few hundred steps of gradient descent. */
  @Override
  Trained train(float[] batch, float[] labels) {
    double[] coefficients = new double[WIDTH];
    for (int step = 0; step < 300; step++) {
      double[] gradient = new double[WIDTH];
      for (int row = 0; row < labels.length; row++) {
        double error = labels[row] - score(coefficients, batch, row);
        for (int i = 0; i < WIDTH; i++) {
          gradient[i] += error * batch[row * WIDTH + i];
        }
      }
      for (int i = 0; i < WIDTH; i++) {
        coefficients[i] += 0.5 * gradient[i] / labels.length;
      }
    }
    double[] scores = new double[labels.length];
    for (int row = 0; row < scores.length; row++) {
      scores[row] = score(coefficients, batch, row);
    }
    java.util.List<Double> list = new java.util.ArrayList<>();
    for (double coefficient : coefficients) {
      list.add(coefficient);
    }
    LinearWeights weights = new LinearWeights(Link.LOGISTIC, 0, Collections.unmodifiableList(list));
    return new Trained(weights.toBytes(), scores);
  }

  private static double score(double[] coefficients, float[] batch, int row) {
    double sum = 0;
    for (int i = 0; i < WIDTH; i++) {
      sum += coefficients[i] * batch[row * WIDTH + i];
    }
    return Link.LOGISTIC.apply(sum);
  }
}
