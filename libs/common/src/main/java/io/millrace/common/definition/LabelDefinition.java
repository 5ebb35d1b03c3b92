// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is predicted: one prediction moment for every event of kind {@code decidedAt}; its outcome
 * is either computed from that event ({@code value}) or joined from later events ({@code
 * positive}).
 *
 * @param name column name
 * @param decidedAt event that opens a prediction moment; the event's id is the prediction id
 * @param positive the later event that makes the label 1
 * @param value CEL expression over the deciding event's fields that gives the label itself;
 *     features then never see that event (it would leak)
 * @param knownAfter with {@code value}: how long after the moment the label becomes known; default
 *     0
 * @param otherwise label once the window has closed without a positive event; default 0
 * @param seesEvent whether features at the moment include the deciding event itself; default true
 *     with {@code positive}, always false with {@code value}
 */
public record LabelDefinition(
    String name,
    String decidedAt,
    @Nullable Positive positive,
    @Nullable String value,
    @Nullable String knownAfter,
    @Nullable Double otherwise,
    @Nullable Boolean seesEvent) {

  /**
   * A later event that makes the label 1.
   *
   * @param event its name
   * @param sameEntity entity that both events share; or
   * @param on field that both events share (for example an impression id)
   * @param where CEL condition on the later event
   * @param within end of the label window after the moment, inclusive
   * @param after start of the label window after the moment, exclusive; default 0, and then a
   *     positive event at the moment itself counts too, other than the deciding event
   */
  public record Positive(
      String event,
      @Nullable String sameEntity,
      @Nullable String on,
      @Nullable String where,
      String within,
      @Nullable String after) {

    public Duration withinDuration() {
      return Durations.parse(within);
    }

    public Duration afterDuration() {
      return after == null ? Duration.ZERO : Durations.parse(after);
    }
  }

  /** Whether features at the moment include the deciding event. */
  public boolean seesDecidingEvent() {
    return value == null && (seesEvent == null || seesEvent);
  }

  /** The label of a moment whose window closed without a positive event. */
  public double implicitValue() {
    return otherwise == null ? 0.0 : otherwise;
  }
}
