// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.features.expression.Compiled;
import io.millrace.features.pit.KnownEvent;
import io.millrace.features.view.ViewPlan;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.util.Objects;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * The states of one part of a feature group, and what events do to them: the same from the same
 * events in the same order, whoever brings them. Not thread-safe.
 */
final class GroupStates {
  private final Generation generation;
  private final FeatureGroup group;
  private final Collaborators with;
  private final StateCache cache;
  private final Tallies tallies;
  private final HeldEvents held;
  private final Journal journal;
  private final Deserializer<Event> deserializer;
  private final Changes changes;

  /** How many events are held, as far as the measures know. */
  private int measuredHeld;

  private long applied;

  /**
   * An event that has been applied.
   *
   * @param timestampMs when it was accepted, or happened where that is later
   * @param headers of its record
   * @param wasHeld whether that record came before the one that is being processed
   */
  record Applied(String key, Event event, long timestampMs, Headers headers, boolean wasHeld) {}

  /** Told of each event that changed a state, at once: the state goes on changing. */
  @FunctionalInterface
  interface Changes {
    void applied(StateCache.Entry entry, Applied applied);
  }

  /**
   * Takes up what the store holds.
   *
   * @param share bounds what is kept in memory
   * @param atomic whether all that is put into the store between two commits is seen together or
   *     not at all
   * @param journal gets each event before anything that may write the state it made
   * @param deserializer of events that were held
   */
  GroupStates(
      Generation generation,
      FeatureGroup group,
      TaskStore store,
      StateBudget.Share share,
      boolean atomic,
      Journal journal,
      Collaborators with,
      Deserializer<Event> deserializer,
      Changes changes) {
    this.generation = generation;
    this.group = group;
    this.with = with;
    this.cache =
        new StateCache(
            group,
            store,
            new LargeStates(group, store, atomic),
            share,
            () -> journal.store(with.clock().millis()));
    this.journal = journal;
    this.deserializer = deserializer;
    this.changes = changes;
    tallies = new Tallies(store);
    held = new HeldEvents(store);
  }

  /**
   * Takes an event, after those that were held until it became known: applies it, or holds it where
   * it does not count yet.
   *
   * @param timestampMs of its record
   * @param headers of its record
   * @param offset of its record
   */
  void take(String key, long timestampMs, Headers headers, Outcome.Accepted accepted, long offset) {
    Event event = accepted.event();
    long knownAtMs = accepted.knownAtMs(timestampMs);
    long nowMs = Math.max(tallies.knownAtMs(), knownAtMs);
    release(nowMs);
    makeRoom();
    tallies.advance(Math.min(event.eventTimeMs(), nowMs), knownAtMs);
    if (accepted.late()) {
      tallies.count("late", 1);
      journal.add(key, 0, event, accepted.raw());
    } else if (KnownEvent.countsFromMs(event.eventTimeMs(), knownAtMs) <= nowMs) {
      apply(new Applied(key, event, timestampMs, headers, false), accepted.raw());
    } else if (!held.hold(
        new HeldEvents.Held(key, timestampMs, headers, accepted.raw()),
        event.eventTimeMs(),
        offset)) {
      tallies.count("refused", 1);
      with.measures().refused(generation.app(), group.name(), 1);
      journal.add(key, 0, event, accepted.raw());
    }
  }

  /** Whether events are held. */
  boolean isHolding() {
    return held.size() > 0;
  }

  /** Applies the held events that happened by then. */
  void release(long untilMs) {
    while (held.nextMs() <= untilMs) {
      makeRoom();
      HeldEvents.Held each = held.take();
      Event event =
          Objects.requireNonNull(deserializer.deserialize("", each.headers(), each.raw()));
      tallies.advance(event.eventTimeMs(), tallies.knownAtMs());
      long timestampMs = Math.max(each.timestampMs(), event.eventTimeMs());
      apply(new Applied(each.key(), event, timestampMs, each.headers(), true), each.raw());
    }
  }

  private void makeRoom() {
    if (journal.isFull()) {
      journal.makeRoom(with.clock().millis());
    }
  }

  private void apply(Applied taken, byte[] raw) {
    String key = taken.key();
    Event event = taken.event();
    StateCache.Entry entry = cache.change(key);
    GroupState state = entry.state();
    int undefined = group.apply(state, event.data(), event.eventTimeMs());
    if (undefined > 0) {
      tallies.count("undefined", undefined);
      tellUndefined(state);
    }
    // Before anything that may write states, this one among them.
    journal.add(key, state.seq(), event, raw);
    applied++;
    changes.applied(entry, taken);
  }

  private void tellUndefined(GroupState state) {
    for (int view = 0; view < group.plans().size(); view++) {
      ViewPlan plan = group.plans().get(view);
      for (Compiled expression : plan.undefined(state.view(view))) {
        with.measures().undefined(generation.app(), plan.viewName(), expression.source());
      }
    }
  }

  /** The states themselves. */
  StateCache cache() {
    return cache;
  }

  /** What is counted beside the states, and saved with them. */
  Tallies tallies() {
    return tallies;
  }

  /** Whether a commit would remove something, although no event has come. */
  boolean wantsCommit() {
    return held.wantsCommit();
  }

  void countApplied() {
    if (applied > 0) {
      tallies.count("applied", applied);
      with.measures().applied(generation.app(), group.name(), applied);
      applied = 0;
    }
    if (held.size() != measuredHeld) {
      with.measures().held(generation.app(), group.name(), held.size() - measuredHeld);
      measuredHeld = held.size();
    }
  }

  /** Puts everything into the store that is not there yet. */
  void store() {
    countApplied();
    cache.store();
    held.beforeCommit();
    tallies.set("held", held.size());
    journal.beforeCommit();
    tallies.save();
  }

  void close() {
    with.measures().held(generation.app(), group.name(), -measuredHeld);
  }
}
