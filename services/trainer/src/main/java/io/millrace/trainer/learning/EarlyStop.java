// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

/**
 * Ends a fit whose validation loss has not fallen for a number of steps, and one whose loss is no
 * number. Not thread-safe.
 */
public final class EarlyStop {
  private final int patience;
  private final boolean validated;
  private int bestStep;
  private double bestLoss = Double.POSITIVE_INFINITY;

  /**
   * @param patience steps without improvement after which to stop
   * @param validated whether there are validation rows
   */
  public EarlyStop(int patience, boolean validated) {
    this.patience = patience;
    this.validated = validated;
  }

  /**
   * Takes the losses of a step and says whether to stop after it.
   *
   * @throws IllegalStateException where a loss is not finite
   */
  public boolean after(int step, double trainLoss, double validationLoss)
      throws InterruptedException {
    if (!Double.isFinite(trainLoss) || (validated && !Double.isFinite(validationLoss))) {
      throw new IllegalStateException(
          "the loss is not finite at step %d: %s on the training rows".formatted(step, trainLoss));
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("stopped at step " + step);
    }
    if (!validated) {
      bestStep = step;
      return false;
    }
    if (validationLoss < bestLoss) {
      bestLoss = validationLoss;
      bestStep = step;
    }
    return step - bestStep >= patience;
  }

  public int bestStep() {
    return bestStep;
  }

  /** Least validation loss; NaN without validation rows. */
  public double bestLoss() {
    return validated ? bestLoss : Double.NaN;
  }
}
