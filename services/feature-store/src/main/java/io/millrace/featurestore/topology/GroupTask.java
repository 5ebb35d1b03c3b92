// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.features.expression.Compiled;
import io.millrace.features.pit.KnownEvent;
import io.millrace.features.view.ViewPlan;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.online.OnlineKey;
import io.millrace.featurestore.progress.ProgressBoard;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * The states of one feature group in one partition, and what has to be written because of them.
 *
 * <p>States are objects in a bounded cache. What changed goes to the online store at each flush,
 * however many events changed it, and into the changelog once per commit. Before a commit, the
 * online store has acknowledged everything, and the events are in the {@link HistoryJournal}; so
 * what is committed is visible and will be in the history, and what is not committed is applied
 * again and writes the same values. Where more waits than the budget allows, no further event is
 * taken until less does. Not thread-safe.
 */
final class GroupTask {
  private static final Duration COMMIT_DEADLINE = Duration.ofSeconds(8);

  private final Generation generation;
  private final FeatureGroup group;
  private final Collaborators with;
  private final StateBudget.Share share;
  private final StateCache cache;
  private final Tallies tallies;
  private final ProgressBoard.Place place;
  private final String part;
  private final HistoryJournal journal;
  private final OnlineFlusher flusher;
  private final OnlineRebuild rebuild;
  private final HeldEvents held;
  private final Deserializer<Event> deserializer;
  private final Reader reader;

  /** How many events are held, as far as the measures know. */
  private int measuredHeld;

  private long applied;

  /** Commits that were begun. */
  private long commits;

  /** Requests that are met → their answers. */
  private final Map<String, Answer> answers = new HashMap<>();

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
  interface Reader {
    void applied(GroupState state, Applied applied);
  }

  /** The answer to a request to have everything in the history. */
  private static final class Answer {
    /** Commits that were begun when it was met. */
    private final long commits;

    private @Nullable CompletableFuture<Void> sent;

    Answer(long commits) {
      this.commits = commits;
    }
  }

  /**
   * @param applicationId of the streams application
   * @param name of the task, unique there
   * @param part of the group's states that this is, of so many
   * @param atomic whether all that is put between two commits is seen together or not at all
   * @param deserializer of events that were held
   */
  GroupTask(
      Generation generation,
      FeatureGroup group,
      CommitStore store,
      String applicationId,
      String name,
      int part,
      int parts,
      boolean atomic,
      Collaborators with,
      Deserializer<Event> deserializer,
      Reader reader) {
    this.deserializer = deserializer;
    this.reader = reader;
    this.generation = generation;
    this.group = group;
    this.with = with;
    share = with.budget().open();
    this.part = generation.part(group, part);
    journal =
        new HistoryJournal(
            store,
            with.history(),
            key -> HistoryKey.of(generation.app(), group, key),
            share,
            millis -> with.measures().recorded(generation.app(), (double) millis));
    cache =
        new StateCache(
            group, store, new LargeStates(group, store, atomic), share, this::journalFirst);
    tallies = new Tallies(store);
    held = new HeldEvents(store);
    flusher = new OnlineFlusher(generation, group, with, share, cache::encoded);
    rebuild =
        new OnlineRebuild(
            with.online(),
            store,
            cache,
            flusher,
            OnlineKey.mark(OnlineKey.prefix(generation, group)),
            part,
            parts);
    place = new ProgressBoard.Place(generation.app(), applicationId, name);
    publish();
  }

  /**
   * Takes an event, after those that were held until it became known: applies it, or holds it where
   * it does not count yet.
   *
   * @param offset of its record
   */
  void take(Record<String, ?> record, Outcome.Accepted accepted, long offset) {
    Event event = accepted.event();
    long knownAtMs = accepted.knownAtMs(record.timestamp());
    long nowMs = Math.max(tallies.knownAtMs(), knownAtMs);
    release(nowMs);
    makeRoom();
    tallies.advance(Math.min(event.eventTimeMs(), nowMs), knownAtMs);
    if (accepted.late()) {
      tallies.count("late", 1);
      journal.add(record.key(), 0, event, accepted.raw());
    } else if (KnownEvent.countsFromMs(event.eventTimeMs(), knownAtMs) <= nowMs) {
      apply(
          new Applied(record.key(), event, record.timestamp(), record.headers(), false),
          accepted.raw());
    } else if (!held.hold(
        new HeldEvents.Held(record.key(), record.timestamp(), record.headers(), accepted.raw()),
        event.eventTimeMs(),
        offset)) {
      tallies.count("refused", 1);
      with.measures().refused(generation.app(), group.name(), 1);
      journal.add(record.key(), 0, event, accepted.raw());
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
    if (entry.queue()) {
      flusher.changed(key, taken.timestampMs(), entry.isHeavy());
      if (flusher.isFull()) {
        tallies.count("written", flusher.flushAndAwait(deadline()));
      }
    }
    applied++;
    reader.applied(state, taken);
  }

  private void tellUndefined(GroupState state) {
    for (int view = 0; view < group.plans().size(); view++) {
      ViewPlan plan = group.plans().get(view);
      for (Compiled expression : plan.undefined(state.view(view))) {
        with.measures().undefined(generation.app(), plan.viewName(), expression.source());
      }
    }
  }

  private static long deadline() {
    return System.nanoTime() + COMMIT_DEADLINE.toNanos();
  }

  private void journalFirst() {
    journal.store(with.clock().millis());
  }

  /**
   * Sends what changed to the stores, and does not wait; so little is left to wait for at a commit.
   *
   * @param behind whether the online store can wait for the commit, because it is late already
   */
  void flush(boolean behind) {
    long now = with.clock().millis();
    rebuild.goOn(now);
    flusher.flushInTurn(behind);
    if (flusher.isIdle()) {
      rebuild.acknowledged();
    }
    Set<String> outstanding = with.settling().outstanding(generation.app());
    journal.turn(now, outstanding).forEach(request -> answers.put(request, new Answer(commits)));
    if (!answers.isEmpty()) {
      answer(outstanding);
    }
    countApplied();
  }

  /** Only an owner's commit succeeds, and without it there is no further flush. */
  private void answer(Set<String> outstanding) {
    answers.keySet().retainAll(outstanding);
    answers.forEach(
        (request, answer) -> {
          boolean due = answer.sent == null || answer.sent.isCompletedExceptionally();
          if (due && commits > answer.commits) {
            answer.sent = with.settling().answer(generation.app(), request, part);
          }
        });
  }

  /** Whether somebody waits for a commit, although no event has come. */
  boolean wantsCommit() {
    return journal.wantsCommit() || held.wantsCommit() || isAsked();
  }

  private boolean isAsked() {
    return answers.values().stream().anyMatch(answer -> commits <= answer.commits);
  }

  private void countApplied() {
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

  /**
   * @throws StoreUnavailableException where the online store does not acknowledge; nothing is
   *     committed then
   */
  void beforeCommit() {
    tallies.count("written", flusher.flushAndAwait(deadline()));
    rebuild.acknowledged();
    countApplied();
    cache.store();
    held.beforeCommit();
    tallies.set("held", held.size());
    journal.beforeCommit();
    if (isAsked()) {
      tallies.touch();
    }
    tallies.save();
    commits++;
    publish();
  }

  private void publish() {
    with.board()
        .publish(place, new ProgressBoard.Snapshot(tallies.streamTimeMs(), tallies.counts()));
  }

  void close() {
    with.measures().held(generation.app(), group.name(), -measuredHeld);
    journal.close();
    share.close();
    with.board().remove(place);
  }
}
