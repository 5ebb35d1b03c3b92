// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.pit;

import java.util.Map;

/**
 * An event of one entity with both of its times.
 *
 * @param eventTimeMs when it happened, ms since the epoch
 * @param knownAtMs when it was accepted, ms since the epoch
 * @param id unique among the entity's events
 * @param fields canonical values
 */
public record KnownEvent(long eventTimeMs, long knownAtMs, String id, Map<String, Object> fields) {
  /**
   * By how much an event may be dated ahead of its acceptance and count at once, ms: clocks differ,
   * and a reader should not wait for it. No window is shorter, and a ring keeps two of its window,
   * so that such an event costs it nothing.
   */
  public static final long TOLERANCE_MS = 1_000;

  /**
   * From when on an event counts, ms since the epoch: it is known and, but for {@link
   * #TOLERANCE_MS}, has happened. The stream holds an event that is dated further ahead back until
   * then.
   */
  public static long countsFromMs(long eventTimeMs, long knownAtMs) {
    return eventTimeMs - knownAtMs > TOLERANCE_MS ? eventTimeMs : knownAtMs;
  }

  /** From when on this event counts, ms since the epoch. */
  public long countsFromMs() {
    return countsFromMs(eventTimeMs, knownAtMs);
  }
}
