// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

/**
 * Preprocessed rows with labels and weights. The arrays are shared, not copied: nobody changes
 * them.
 *
 * @param values {@code rows × width}, row by row; NaN is missing
 * @param labels one per row
 * @param weights one per row, not negative
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Matrix(float[] values, int width, float[] labels, float[] weights) {
  public Matrix {
    if (values.length != (long) labels.length * width || weights.length != labels.length) {
      throw new IllegalArgumentException(
          "%d values, %d labels and %d weights do not make rows of %d"
              .formatted(values.length, labels.length, weights.length, width));
    }
  }

  public int rows() {
    return labels.length;
  }
}
