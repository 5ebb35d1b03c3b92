// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.pit;

import org.jspecify.annotations.Nullable;

/**
 * When a row of features is wanted.
 *
 * @param asOfMs T: windows end here, in event time
 * @param knownAtMs only events that count by then are used ({@link KnownEvent#countsFromMs}), those
 *     of the same millisecond included
 * @param excludedEventId the deciding event, which became known at {@code knownAtMs}, where the row
 *     must not see it because its label is computed from it; null else
 * @param pastOnly whether an event is left out that happened, and began to count, after T. Rows
 *     that have to equal what was served see such events as the stream did, where they came in
 *     front of the deciding one; a row about the past, known from later on, must not: to a lifetime
 *     they would be the future, and from windows they could have pushed what belongs there.
 */
public record Moment(
    long asOfMs, long knownAtMs, @Nullable String excludedEventId, boolean pastOnly) {
  /** A moment whose row sees everything known by then, as a read would have. */
  public Moment(long asOfMs, long knownAtMs, @Nullable String excludedEventId) {
    this(asOfMs, knownAtMs, excludedEventId, false);
  }

  /** Whether this moment leaves an event out because it is not of the past. */
  boolean isAhead(KnownEvent event) {
    return pastOnly && event.eventTimeMs() > asOfMs && event.countsFromMs() > asOfMs;
  }
}
