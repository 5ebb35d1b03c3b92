// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

/** From a linear output to a score. */
public enum Link {
  /** The output itself: regression. */
  IDENTITY,
  /** 1 / (1 + e⁻ˣ): the probability of the positive class. */
  LOGISTIC;

  /** Applies it. */
  public double apply(double output) {
    return this == IDENTITY ? output : 1 / (1 + Math.exp(-output));
  }

  /** The link of a task: {@code binary} or {@code regression}. */
  public static Link of(String task) {
    return switch (task) {
      case "binary" -> LOGISTIC;
      case "regression" -> IDENTITY;
      default -> throw new IllegalArgumentException("no task '" + task + "'");
    };
  }
}
