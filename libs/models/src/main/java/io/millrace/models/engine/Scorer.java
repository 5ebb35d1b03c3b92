// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

/**
 * A loaded model: preprocessed rows in, scores out. Thread-safe; concurrent calls give what serial
 * ones give. Owns native memory that {@link #close} frees, after the calls in flight.
 */
public interface Scorer extends AutoCloseable {

  /** Columns per row. */
  int width();

  /**
   * Scores a batch.
   *
   * @param batch rows one after the other, {@code rows × width} values; NaN is missing
   * @param rows number of rows, 0 or more
   * @return one score per row: the probability of the positive class, or the regression value
   * @throws IllegalArgumentException where the batch has another size
   * @throws IllegalStateException once closed, or where the engine fails
   */
  double[] score(float[] batch, int rows);

  /** Frees everything; later calls of {@link #score} fail. Idempotent. */
  @Override
  void close();
}
