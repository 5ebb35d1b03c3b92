// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import org.jspecify.annotations.Nullable;

/**
 * A drift verdict, on {@code <app>.drift}. Key: subject.
 *
 * @param subject a model input, {@code prediction}, {@code label}, {@code outcome}, {@code joint}
 *     and {@code joint rows} for inputs that go together differently, or one of them within a
 *     slice: {@code x [column=value]}
 * @param kind which of the distributions moved
 * @param test name of the drift test
 * @param effect size of the change, for people: {@code ×100}, {@code JS 0.31}, {@code AUC −0.12}
 * @param windowStartMs event time where the change is first seen
 * @param windowEndMs event time of the last row looked at
 * @param rows rows in the current window
 * @param detectedAtMs wall clock
 * @param onsetFromMs event time from which the change began, at the earliest; absent where it
 *     cannot be told
 * @param onsetToMs event time by which it had begun
 */
public record DriftDetected(
    String app,
    String subject,
    Kind kind,
    String test,
    double statistic,
    double threshold,
    @Nullable Double pValue,
    String effect,
    String modelVersion,
    long windowStartMs,
    long windowEndMs,
    long rows,
    long detectedAtMs,
    @Nullable Long onsetFromMs,
    @Nullable Long onsetToMs) {

  /** Which distribution moved. */
  public enum Kind {
    /** An input's: P(x). */
    DATA,
    /** The score's. */
    PREDICTION,
    /** The label's: P(y). */
    LABEL,
    /** P(y | x): the model's error rose. */
    CONCEPT
  }
}
