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
   * From when on the event counts, ms since the epoch: it has happened and is known. The stream
   * holds an event that is dated ahead back until then.
   */
  public long countsFromMs() {
    return Math.max(eventTimeMs, knownAtMs);
  }
}
