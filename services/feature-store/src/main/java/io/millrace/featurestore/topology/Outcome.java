// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;

/** What became of a record of an events' topic. */
sealed interface Outcome {
  /**
   * An event.
   *
   * @param late whether it is further behind stream time than its definition allows
   * @param raw the record's value: the event's fields as JSON
   */
  record Accepted(Event event, boolean late, byte[] raw) implements Outcome {
    /**
     * When the event became known, for the order of things, ms since the epoch: as its source says,
     * but not after it was accepted, since imported history calls an event known when it happened.
     *
     * @param timestampMs of its record: when it was accepted
     */
    long knownAtMs(long timestampMs) {
      return Math.min(event.knownAtMs(), timestampMs);
    }
  }

  /** Not an event. */
  record Poison(EventRejected rejected) implements Outcome {}
}
