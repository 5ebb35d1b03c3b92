// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.distance;

/**
 * Largest difference of a <em>count</em>, as a share of all rows of both windows together, in [0,
 * 1]. Unlike every {@link Divergence} it is not blind to the number of rows: a window with the same
 * shares but twice the rows is a third away at most. It therefore suits windows that should be
 * equally large, such as two runs of one batch job, and stays out of the drift tests.
 *
 * <p>Source: TensorFlow Data Validation's {@code normalized_abs_difference} (schema.proto,
 * anomalies/metrics.cc), which sets no default; 0.1 here.
 */
public final class NormalizedAbsoluteDifference {
  /** Above this a change is worth a word where nothing else is configured. */
  public static final double DEFAULT_THRESHOLD = 0.1;

  private NormalizedAbsoluteDifference() {}

  /**
   * The difference; 0 when both windows are empty.
   *
   * @param bins counts, not shares: the scale of each side matters
   * @throws IllegalArgumentException if a count is negative or not finite
   */
  public static double between(AlignedBins bins) {
    double[] p = bins.reference();
    double[] q = bins.current();
    double total = 0;
    double largest = 0;
    for (int i = 0; i < p.length; i++) {
      double both = p[i] + q[i];
      if (!(p[i] >= 0 && q[i] >= 0 && both < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "counts must be finite and ≥ 0, found %s and %s".formatted(p[i], q[i]));
      }
      total += both;
      largest = Math.max(largest, Math.abs(p[i] - q[i]));
    }
    return total == 0 ? 0 : largest / total;
  }
}
