// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The log of accepted events and the dead letters. Thread-safe. */
public interface EventLog {
  /**
   * Something to write.
   *
   * @param traceparent trace context that the row brought along; absent means the caller's
   */
  record Entry<T>(T value, @Nullable String traceparent) {}

  /**
   * Writes all and waits until every record is durable.
   *
   * @throws IntakeUnavailableException where that did not happen in time; any of them may be
   *     written
   */
  void write(
      String app, String event, List<Entry<Event>> events, List<Entry<EventRejected>> rejected);

  /**
   * Which ids have an accepted event in the log.
   *
   * @param keys id → record key, null where the event has none
   * @param fromMs wall clock before which they were not written
   * @throws IntakeUnavailableException where the log could not be read to its end in time
   */
  Set<String> findAccepted(
      String app, String event, Map<String, @Nullable String> keys, long fromMs);

  /** Which ids of a kind of event have a dead letter; see {@link #findAccepted}. */
  Set<String> findRejected(String app, String event, Set<String> ids, long fromMs);
}
