// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The label of a prediction moment, on {@code <app>.labels}. Key: prediction id. A higher revision
 * replaces a lower one.
 *
 * @param predictionId id of the deciding event
 * @param entities entity → key
 * @param momentMs event timestamp of the deciding event
 * @param momentKnownAtMs when the deciding event became known
 * @param value the label
 * @param provenance how it came about
 * @param revision counts from 1
 * @param outcomeEventId the event that decided it, where there is one
 * @param labelledAtMs event time at which the label was decided
 * @param knownAtMs when it became known
 */
public record OutcomeLabelled(
    String app,
    String predictionId,
    Map<String, String> entities,
    long momentMs,
    long momentKnownAtMs,
    double value,
    Provenance provenance,
    int revision,
    @Nullable String outcomeEventId,
    long labelledAtMs,
    long knownAtMs) {
  public OutcomeLabelled {
    entities = Map.copyOf(entities);
  }

  /** How a label came about. */
  public enum Provenance {
    /** A positive event inside the window, or the deciding event's own value. */
    OBSERVED,
    /** The window closed without a positive event. */
    IMPLICIT_NEGATIVE,
    /** A positive event arrived after the window had been closed as negative. */
    CORRECTION
  }
}
