// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import org.jspecify.annotations.Nullable;

/** What is predicted. */
public enum Task {
  /** The probability of a positive label; loss is the logarithmic one. */
  BINARY,
  /** A number; loss is half the squared error. */
  REGRESSION;

  /** The task of a definition; binary where it names none. */
  public static Task of(@Nullable String name) {
    return "regression".equals(name) ? REGRESSION : BINARY;
  }

  /** As in definitions and packages. */
  public String word() {
    return this == BINARY ? "binary" : "regression";
  }

  /** Loss of one linear output: numerically safe for any finite output. */
  double loss(double output, double label) {
    if (this == REGRESSION) {
      return (output - label) * (output - label) / 2;
    }
    return Math.max(output, 0) - output * label + Math.log1p(Math.exp(-Math.abs(output)));
  }

  /** Derivative of {@link #loss} by the output. */
  double slope(double output, double label) {
    return (this == REGRESSION ? output : 1 / (1 + Math.exp(-output))) - label;
  }
}
