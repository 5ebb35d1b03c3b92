// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.DriftDetected;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One look at one subject.
 *
 * @param subject input, {@code prediction}, {@code label}, {@code outcome}, {@code joint}, {@code
 *     joint rows}, or one of the first four within a slice: {@code event.price [event.country=de]}
 * @param effect size of the change, for people
 * @param unitChange whether a change of unit explains it
 * @param onset when the change began, as narrow as it can be told; null where it cannot
 */
public record DriftFinding(
    String subject,
    DriftDetected.Kind kind,
    String test,
    double statistic,
    double threshold,
    @Nullable Double pValue,
    String effect,
    boolean unitChange,
    boolean drifted,
    long windowStartMs,
    long windowEndMs,
    long rows,
    @Nullable Onset onset) {

  /** A finding without a known onset. */
  public DriftFinding(
      String subject,
      DriftDetected.Kind kind,
      String test,
      double statistic,
      double threshold,
      @Nullable Double pValue,
      String effect,
      boolean unitChange,
      boolean drifted,
      long windowStartMs,
      long windowEndMs,
      long rows) {
    this(
        subject,
        kind,
        test,
        statistic,
        threshold,
        pValue,
        effect,
        unitChange,
        drifted,
        windowStartMs,
        windowEndMs,
        rows,
        null);
  }

  /** The same, found in a season: recorded and no drift. */
  DriftFinding inSeason(long likeMs) {
    return changed(
        effect + ", a season: like around " + Instant.ofEpochMilli(likeMs),
        false,
        windowStartMs,
        null);
  }

  /** The same as no drift. */
  DriftFinding quiet() {
    return changed(effect, false, windowStartMs, null);
  }

  /** The same with the moment from which on it is so, and how narrowly that is known. */
  DriftFinding since(long startMs, @Nullable Onset onset) {
    return changed(effect, drifted, startMs, onset);
  }

  private DriftFinding changed(
      String effect, boolean drifted, long windowStartMs, @Nullable Onset onset) {
    return new DriftFinding(
        subject,
        kind,
        test,
        statistic,
        threshold,
        pValue,
        effect,
        unitChange,
        drifted,
        windowStartMs,
        windowEndMs,
        rows,
        onset);
  }

  /**
   * The root-cause window: event time within which a change began.
   *
   * @param fromMs inclusive
   * @param toMs inclusive
   */
  public record Onset(long fromMs, long toMs) {}
}
