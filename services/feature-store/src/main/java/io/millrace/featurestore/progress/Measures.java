// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.progress;

/**
 * What the service measures. Per application, {@code applied + late + held + refused} equals the
 * accepted events that a group has taken; {@code mismatches} above 0 is an alert: training and
 * serving disagree, and so is {@code refused}: events are missing from features. Thread-safe.
 */
public interface Measures {
  /** Events that changed online state. */
  void applied(String app, String group, long events);

  /** Events behind stream time by more than the allowed lateness. */
  void late(String app, String event, long events);

  /**
   * Events that are dated ahead are held until their time has come.
   *
   * @param change how many more are held than before; negative where they are fewer
   */
  void held(String app, String group, long change);

  /** Events dated ahead for which there was no room: they are in the history's late events only. */
  void refused(String app, String group, long events);

  /**
   * An expression of a view gave nothing for an event that has all fields it reads: see {@link
   * io.millrace.features.view.ViewPlan#undefined}.
   */
  void undefined(String app, String view, String expression);

  /** Records that could not be read as events. */
  void rejected(String app, String event);

  /** Answers of a view that are too large for a record; each is a dead letter instead. */
  void unanswered(String app, String view);

  /** Values acknowledged by the online store. */
  void written(String app, long values);

  /** Time from handing a batch to the online store to its acknowledgement. */
  void flushed(String app, double millis);

  /**
   * The features of an event have become readable online.
   *
   * @param acceptedMs wall clock of the event's acceptance; its own time where it was dated ahead
   * @param nowMs wall clock
   */
  void fresh(String app, String group, long acceptedMs, long nowMs);

  /** Time from the commit of some events to their being in the history, of the first of them. */
  void recorded(String app, double millis);

  /** Age of the newest event of a view that can be served. */
  void age(String app, String view, double millis);

  /** Labels emitted. */
  void labelled(String app, String provenance);

  /** A read of online features. */
  void read(String app, int rows, double millis);

  /** Vectors recomputed from history, and how many of them differ. */
  void parity(String app, long vectors, long mismatches);

  /** A served value that history does not give. */
  void parityMismatch(String app, String feature);

  /** Vectors of sampled keys that were not checked. */
  void paritySkipped(String app, long vectors);

  /** Time from serving a vector to knowing whether it is equal. */
  void parityLag(String app, double millis);
}
