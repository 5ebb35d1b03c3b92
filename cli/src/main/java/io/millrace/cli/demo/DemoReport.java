// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.demo;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last line of {@code millrace demo --json}.
 *
 * @param milestones name → whether and when (seconds since the start)
 * @param failed the milestone that was missed
 * @param books the platform's
 * @param sent the shop's
 * @param auc before, during and after the shift of taste
 * @param drift the shift of taste
 * @param unit_bug the unit bug
 */
record DemoReport(
    Map<String, Milestones.Reached> milestones,
    @Nullable String failed,
    @Nullable Object books,
    Object sent,
    Quality auc,
    @Nullable Change drift,
    @Nullable Change unit_bug,
    List<Version> versions,
    Latency latency_ms,
    long predictions,
    long predictions_repeated,
    long features_written,
    double duration_s,
    Map<String, String> urls) {

  /**
   * AUC of what the champion said, judged by the shop's truth.
   *
   * @param best_reachable of the true probability, on the rows of before and after
   * @param during_bug while prices were in pence
   */
  record Quality(
      @Nullable Double before,
      @Nullable Double during,
      @Nullable Double after,
      @Nullable Double best_reachable,
      @Nullable Double during_bug,
      @Nullable Double after_bug,
      Map<String, PredictionFollower.Judged> detail) {}

  /**
   * A change of the world and its detection.
   *
   * @param injected_at event time
   * @param detected_at event time of the last row that the detector had seen
   * @param delay_events impressions shown in between
   * @param delay_minutes event time in between
   */
  record Change(
      String injected_at,
      @Nullable String detected_at,
      @Nullable String kind,
      @Nullable String feature,
      @Nullable String effect,
      @Nullable Long delay_events,
      @Nullable Double delay_minutes) {}

  record Version(String version, String status, String why) {}

  record Latency(@Nullable Double p50, @Nullable Double p99) {}
}
