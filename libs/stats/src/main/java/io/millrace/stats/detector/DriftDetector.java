// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

/**
 * Watches one stream of numbers for a change. After {@link DetectorState#DRIFT} the next value
 * begins a new history, so that later changes are found too. Not thread-safe. Make one with its
 * class or by name with {@link Detectors#create}.
 */
public interface DriftDetector {
  /** Largest value of the detectors that sum. */
  double LARGEST = 1e140;

  /** Name of the algorithm, as in {@link Detectors}. */
  String name();

  /**
   * Takes the next value.
   *
   * @throws IllegalArgumentException if the value is NaN, infinite, or outside what the detector
   *     accepts; the state is then unchanged
   */
  DetectorState update(double value);

  /** The answer to the last value; {@link DetectorState#STABLE} before the first. */
  DetectorState state();

  /** Forgets everything but the parameters. */
  void reset();

  /** Parameters and state, from which {@link Detectors#restore} makes an equal detector. */
  DetectorSnapshot snapshot();

  /**
   * Returns the value if the sum of squares of 10^27 of its size is finite: beyond, a detector that
   * sums would be blind for ever after, without a word.
   */
  static double requireSummable(double value) {
    if (!(Math.abs(value) <= LARGEST)) {
      throw new IllegalArgumentException(
          "values must lie within ±%s, was %s".formatted(LARGEST, value));
    }
    return value;
  }

  /** Returns the value if it is finite. */
  static double requireFinite(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("values must be finite, was " + value);
    }
    return value;
  }

  /** Returns the value if it is 0 or 1, the outcomes (right, wrong) of a prediction. */
  static double requireError(double value) {
    // One branch that is never taken, where errors that come at random would mislead two.
    if (value * (value - 1) != 0) {
      throw new IllegalArgumentException("values must be 0 or 1, was " + value);
    }
    return value;
  }

  /**
   * The larger of 0 and the value, without a branch: cumulative sums fall to 0 at random, which
   * misleads a prediction of it, and {@code Math.max} takes longer than the rest of an update. −∞
   * gives 0.
   */
  static double positivePart(double value) {
    long bits = Double.doubleToRawLongBits(value);
    return Double.longBitsToDouble(bits & ~(bits >> 63));
  }
}
