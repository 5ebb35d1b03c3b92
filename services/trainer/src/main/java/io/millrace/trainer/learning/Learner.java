// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fits models of one algorithm. The weights it makes are those that the scoring engine of the same
 * name loads. Thread-safe.
 */
public interface Learner {

  /** Name of the algorithm, and of the engine that scores. */
  String algorithm();

  /** How numbers are prepared. */
  InputForm inputForm();

  ParameterSpace space();

  /**
   * Fits.
   *
   * @param train rows to fit on
   * @param validation rows to stop early on; without them exactly {@code steps} are made
   * @param steps rounds, iterations or epochs: at most, or exactly without validation rows
   * @param parameters a value for every name of {@link #space}
   * @param seed of everything random
   * @param listener told of each step
   * @throws InterruptedException where the thread is interrupted between two steps
   * @throws IllegalStateException where the engine fails or the loss is not finite
   */
  Fit fit(
      Matrix train,
      @Nullable Matrix validation,
      int steps,
      Task task,
      Map<String, Double> parameters,
      long seed,
      StepListener listener)
      throws InterruptedException;

  /** Most steps with these parameters. */
  int steps(Map<String, Double> parameters);

  /** Versions of the libraries that fit. */
  Map<String, String> environment();

  /**
   * What came out.
   *
   * @param weights as the engine reads them, of the last step
   * @param bestStep step with the least validation loss, counted from 1; the last without
   *     validation
   * @param validationLoss the least; NaN without validation
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Fit(byte[] weights, int bestStep, double validationLoss) {}

  /** Told of each step. */
  @FunctionalInterface
  interface StepListener {
    /**
     * @param step counted from 1
     * @param trainLoss mean loss on the training rows
     * @param validationLoss mean loss on the validation rows; NaN without them
     */
    void step(int step, double trainLoss, double validationLoss);
  }
}
