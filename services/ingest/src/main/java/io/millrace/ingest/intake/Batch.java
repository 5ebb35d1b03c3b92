// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one kind of event on their way through the intake. Rows with the same id are decided
 * together and in order: the first that is good is accepted, what follows it is a duplicate; a bad
 * one that repeats the one before it is a duplicate too. Not thread-safe.
 */
final class Batch {
  private final String app;
  private final String event;
  private final Map<IdHash, List<Judged>> groups = new LinkedHashMap<>();

  private final Map<IdHash, IdLedger.Claim> claims = new LinkedHashMap<>();
  private final List<PendingId> takenOver = new ArrayList<>();
  private final Set<IdHash> writtenBefore = new HashSet<>();

  private final List<Judged.Good> accepted = new ArrayList<>();
  private final List<Judged.Bad> rejected = new ArrayList<>();
  private final List<IdLedger.Fate> fates = new ArrayList<>();
  private long duplicates;

  Batch(String app, String event, List<Judged> rows) {
    this.app = app;
    this.event = event;
    for (Judged row : rows) {
      groups.computeIfAbsent(Ids.id(event, row.id()), id -> new ArrayList<>(1)).add(row);
    }
  }

  /** An id that somebody else has claimed. */
  record PendingId(IdHash id, IdLedger.Claimant by) {}

  String app() {
    return app;
  }

  String event() {
    return event;
  }

  List<IdLedger.Ask> asks() {
    List<IdLedger.Ask> asks = new ArrayList<>(groups.size());
    groups.forEach((id, rows) -> asks.add(new IdLedger.Ask(id, commonContent(rows))));
    return asks;
  }

  /** The content of rows that are all bad in the same way; null otherwise. */
  private static @Nullable Long commonContent(List<Judged> rows) {
    Long common = null;
    for (Judged row : rows) {
      if (!(row instanceof Judged.Bad bad) || (common != null && common != bad.content())) {
        return null;
      }
      common = bad.content();
    }
    return common;
  }

  /** Notes the answers to {@link #asks}; those to an earlier asking are forgotten. */
  void take(List<IdLedger.Claim> answers) {
    claims.clear();
    takenOver.clear();
    int i = 0;
    for (IdHash id : groups.keySet()) {
      claims.put(id, answers.get(i++));
    }
  }

  List<PendingId> pending() {
    List<PendingId> pending = new ArrayList<>();
    claims.forEach(
        (id, claim) -> {
          if (claim instanceof IdLedger.Claim.Pending each) {
            pending.add(new PendingId(id, each.by()));
          }
        });
    return pending;
  }

  void tookOver(PendingId pending) {
    claims.put(pending.id(), IdLedger.Claim.Result.CLAIMED);
    takenOver.add(pending);
  }

  List<PendingId> takenOver() {
    return takenOver;
  }

  /** Good rows among the taken over ids: event id → record key. */
  Map<String, @Nullable String> takenOverKeys() {
    Map<String, @Nullable String> keys = new HashMap<>();
    for (PendingId each : takenOver) {
      if (rows(each.id()).getFirst() instanceof Judged.Good good) {
        keys.put(good.id(), good.event().key());
      }
    }
    return keys;
  }

  /** Bad rows among the taken over ids. */
  Set<String> takenOverRejected() {
    Set<String> ids = new HashSet<>();
    for (PendingId each : takenOver) {
      if (rows(each.id()).getFirst() instanceof Judged.Bad bad) {
        ids.add(bad.id());
      }
    }
    return ids;
  }

  /** Notes which of the taken over ids the log holds. */
  void recovered(Set<String> acceptedIds, Set<String> rejectedIds) {
    for (PendingId each : takenOver) {
      Judged first = rows(each.id()).getFirst();
      Set<String> found = first instanceof Judged.Good ? acceptedIds : rejectedIds;
      if (found.contains(first.id())) {
        writtenBefore.add(each.id());
      }
    }
  }

  boolean isWritten(IdHash id) {
    return writtenBefore.contains(id);
  }

  List<IdHash> claimed() {
    List<IdHash> claimed = new ArrayList<>();
    claims.forEach(
        (id, claim) -> {
          if (claim == IdLedger.Claim.Result.CLAIMED) {
            claimed.add(id);
          }
        });
    return claimed;
  }

  /** Decides every row; each id is claimed or a duplicate by now. */
  void decide() {
    groups.forEach(
        (id, rows) -> {
          if (claims.get(id) == IdLedger.Claim.Result.CLAIMED) {
            fates.add(new IdLedger.Fate(id, decide(rows)));
          } else {
            duplicates += rows.size();
          }
        });
  }

  /** Decides the rows of one id; the content of its rejection, null where it is accepted. */
  private @Nullable Long decide(List<Judged> rows) {
    Long content = null;
    boolean in = false;
    for (Judged row : rows) {
      if (!in && row instanceof Judged.Good good) {
        in = true;
        content = null;
        accepted.add(good);
      } else if (!in
          && row instanceof Judged.Bad bad
          && (content == null || content != bad.content())) {
        content = bad.content();
        rejected.add(bad);
      } else {
        duplicates++;
      }
    }
    return content;
  }

  /** The accepted events that the log does not hold yet. */
  List<EventLog.Entry<Event>> eventsToWrite() {
    List<EventLog.Entry<Event>> events = new ArrayList<>(accepted.size());
    for (Judged.Good good : accepted) {
      if (!isWrittenBefore(good)) {
        events.add(new EventLog.Entry<>(good.event(), good.origin().traceparent()));
      }
    }
    return events;
  }

  List<EventLog.Entry<EventRejected>> rejectedToWrite() {
    List<EventLog.Entry<EventRejected>> letters = new ArrayList<>(rejected.size());
    for (Judged.Bad bad : rejected) {
      if (!isWrittenBefore(bad)) {
        letters.add(new EventLog.Entry<>(bad.rejected(), bad.origin().traceparent()));
      }
    }
    return letters;
  }

  /** Only the first row of an id is looked for in the log. */
  private boolean isWrittenBefore(Judged row) {
    if (writtenBefore.isEmpty()) {
      return false;
    }
    IdHash id = Ids.id(event, row.id());
    return writtenBefore.contains(id) && rows(id).getFirst().origin().equals(row.origin());
  }

  private List<Judged> rows(IdHash id) {
    return groups.getOrDefault(id, List.of());
  }

  List<IdLedger.Fate> fates() {
    return fates;
  }

  long acceptedCount() {
    return accepted.size();
  }

  long duplicateCount() {
    return duplicates;
  }

  List<Judged.Bad> rejected() {
    return rejected;
  }

  Map<String, Long> rejectedByReason() {
    Map<String, Long> reasons = new TreeMap<>();
    rejected.forEach(bad -> reasons.merge(bad.rejected().reason(), 1L, Long::sum));
    return reasons;
  }
}
