// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import org.jspecify.annotations.Nullable;

/**
 * What is watched while a model serves.
 *
 * @param drift {@code auto} (default) or {@code off}
 * @param window length of the current window, for example {@code 2000 rows} (default)
 * @param falseAlarmLevel probability of a false alarm per window and subject, after correction, and
 *     of one ever by {@code anytime_valid} over a version's outcomes; default 0.01
 * @param detector online detector of the champion's outcomes, by its name in {@code
 *     io.millrace.stats.detector.Detectors}, or {@value #NO_DETECTOR}; default {@value
 *     #DEFAULT_DETECTOR}
 * @param retrain when to train again
 */
public record MonitorDefinition(
    @Nullable String drift,
    @Nullable String window,
    @Nullable Double falseAlarmLevel,
    @Nullable String detector,
    @Nullable Retrain retrain) {
  /** The detector where an application does not say. */
  public static final String DEFAULT_DETECTOR = "anytime_valid";

  /** No detector. */
  public static final String NO_DETECTOR = "off";

  /** Labelled rows that a training run needs where an application does not say. */
  public static final int ROWS_TO_TRAIN_ON = 1_000;

  /**
   * Labelled rows that a training run needs: it is not asked for before they are there, and refused
   * where it has fewer. Rows count whose moments are in {@code AllowedSpans}.
   *
   * @param monitor what the application declares, if anything
   */
  public static int rowsToTrainOn(@Nullable MonitorDefinition monitor) {
    Integer declared =
        monitor == null || monitor.retrain() == null ? null : monitor.retrain().minimumRows();
    return declared == null ? ROWS_TO_TRAIN_ON : declared;
  }

  /**
   * @param onDrift on concept or data drift; default true
   * @param onFirstData train the first model as soon as {@code minimumRows} labelled rows may be
   *     trained on; default false
   * @param atMostEvery least event time between two trainings, for example {@code 1d}
   * @param minimumRows labelled rows of good spans (since the drift began) that a run needs;
   *     default {@value #ROWS_TO_TRAIN_ON}
   */
  public record Retrain(
      @Nullable Boolean onDrift,
      @Nullable Boolean onFirstData,
      @Nullable String atMostEvery,
      @Nullable Integer minimumRows) {}
}
