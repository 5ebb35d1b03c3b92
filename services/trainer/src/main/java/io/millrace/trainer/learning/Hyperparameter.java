// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import java.util.SplittableRandom;

/**
 * A number that a learner takes.
 *
 * @param name as in the application definition
 * @param standard value where nobody says otherwise
 * @param min least value allowed
 * @param max greatest value allowed
 * @param low least value that a search draws; equal to {@code high} where it is not searched
 * @param high greatest value that a search draws
 * @param logarithmic whether draws are even in the logarithm
 * @param whole whether it is an integer
 */
public record Hyperparameter(
    String name,
    double standard,
    double min,
    double max,
    double low,
    double high,
    boolean logarithmic,
    boolean whole) {

  /** Not searched. */
  public static Hyperparameter fixed(String name, double standard, double min, double max) {
    return new Hyperparameter(
        name, standard, min, max, standard, standard, false, standard == Math.rint(standard));
  }

  /** A real number, drawn evenly in the logarithm. */
  public static Hyperparameter scale(
      String name, double standard, double min, double max, double low, double high) {
    return new Hyperparameter(name, standard, min, max, low, high, true, false);
  }

  /** A real number, drawn evenly. */
  public static Hyperparameter share(
      String name, double standard, double min, double max, double low, double high) {
    return new Hyperparameter(name, standard, min, max, low, high, false, false);
  }

  /** An integer, drawn evenly. */
  public static Hyperparameter count(
      String name, double standard, double min, double max, double low, double high) {
    return new Hyperparameter(name, standard, min, max, low, high, false, true);
  }

  double draw(SplittableRandom random) {
    if (low == high) {
      return standard;
    }
    if (whole) {
      return random.nextInt((int) low, (int) high + 1);
    }
    double share = random.nextDouble();
    return logarithmic ? low * Math.pow(high / low, share) : low + (high - low) * share;
  }

  double check(Object value) {
    if (!(value instanceof Number number)
        || !(number.doubleValue() >= min && number.doubleValue() <= max)
        || (whole && number.doubleValue() != Math.rint(number.doubleValue()))) {
      throw new IllegalArgumentException(
          "parameter '%s' must be %s from %s to %s, was '%s'"
              .formatted(name, whole ? "an integer" : "a number", min, max, value));
    }
    return number.doubleValue();
  }
}
