// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import org.jspecify.annotations.Nullable;

/**
 * What is watched while a model serves.
 *
 * @param drift {@code auto} (default) or {@code off}
 * @param window length of the current window, for example {@code 2000 rows} (default)
 * @param falseAlarmLevel probability of a false alarm per look, after correction; default 0.01
 * @param retrain when to train again
 */
public record MonitorDefinition(
    @Nullable String drift,
    @Nullable String window,
    @Nullable Double falseAlarmLevel,
    @Nullable Retrain retrain) {

  /**
   * @param onDrift on concept or data drift; default true
   * @param onFirstData train the first model as soon as {@code minimumRows} labels exist; default
   *     false
   * @param atMostEvery least event time between two trainings, for example {@code 1d}
   * @param minimumRows labelled rows (since the drift began) to wait for; default 1000
   */
  public record Retrain(
      @Nullable Boolean onDrift,
      @Nullable Boolean onFirstData,
      @Nullable String atMostEvery,
      @Nullable Integer minimumRows) {}
}
