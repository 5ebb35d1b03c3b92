// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that an application was ever sent: in = accepted + rejected + duplicates.
 *
 * @param reasons reason → rejected
 * @param events event → its own books
 */
public record Books(
    long in,
    long accepted,
    long rejected,
    long duplicates,
    Map<String, Long> reasons,
    Map<String, Entry> events) {
  private static final String REASON = "reason:";
  private static final String EVENT = "event:";
  private static final String ACCEPTED = "accepted";
  private static final String REJECTED = "rejected";
  private static final String DUPLICATES = "duplicates";

  /** The books of one kind of event. */
  public record Entry(long in, long accepted, long rejected, long duplicates) {}

  /** The entries that a settled batch adds to. */
  static Map<String, Long> additions(
      String event, long accepted, long duplicates, Map<String, Long> rejectedByReason) {
    long rejected = rejectedByReason.values().stream().mapToLong(Long::longValue).sum();
    Map<String, Long> additions = new HashMap<>();
    for (String scope : new String[] {"", EVENT + event + ":"}) {
      additions.put(scope + "in", accepted + rejected + duplicates);
      additions.put(scope + ACCEPTED, accepted);
      additions.put(scope + REJECTED, rejected);
      additions.put(scope + DUPLICATES, duplicates);
    }
    rejectedByReason.forEach((reason, count) -> additions.put(REASON + reason, count));
    additions.values().removeIf(count -> count == 0);
    return additions;
  }

  /** The books from their entries. */
  static Books of(Map<String, Long> entries) {
    Map<String, Long> reasons = new TreeMap<>();
    Map<String, Entry> events = new TreeMap<>();
    entries.forEach(
        (entry, count) -> {
          if (entry.startsWith(REASON)) {
            reasons.put(entry.substring(REASON.length()), count);
          } else if (entry.startsWith(EVENT)) {
            String event = entry.substring(EVENT.length(), entry.lastIndexOf(':'));
            events.computeIfAbsent(event, each -> entry(entries, EVENT + each + ":"));
          }
        });
    Entry all = entry(entries, "");
    return new Books(all.in(), all.accepted(), all.rejected(), all.duplicates(), reasons, events);
  }

  private static Entry entry(Map<String, Long> entries, String scope) {
    return new Entry(
        entries.getOrDefault(scope + "in", 0L),
        entries.getOrDefault(scope + ACCEPTED, 0L),
        entries.getOrDefault(scope + REJECTED, 0L),
        entries.getOrDefault(scope + DUPLICATES, 0L));
  }
}
