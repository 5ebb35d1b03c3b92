// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
  private long applied;

  /** Commits that were begun. */
  private long commits;

  /** Requests that are met → their answers. */
  private final Map<String, Answer> answers = new HashMap<>();

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
      Collaborators with) {
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
   * Applies an event.
   *
   * @param acceptedMs when it was accepted
   * @return the state with it, to be read at once; null where it came too late
   */
  @Nullable GroupState apply(String key, Outcome.Accepted accepted, long acceptedMs) {
    Event event = accepted.event();
    if (journal.isFull()) {
      journal.makeRoom(with.clock().millis());
    }
    tallies.advance(event.eventTimeMs(), event.knownAtMs());
    if (accepted.late()) {
      tallies.count("late", 1);
      journal.add(key, 0, event, accepted.raw());
      return null;
    }
    StateCache.Entry entry = cache.change(key);
    GroupState state = entry.state();
    group.apply(state, event.data(), event.eventTimeMs());
    // Before anything that may write states, this one among them.
    journal.add(key, state.seq(), event, accepted.raw());
    if (entry.queue()) {
      flusher.changed(key, acceptedMs, entry.isHeavy());
      if (flusher.isFull()) {
        tallies.count("written", flusher.flushAndAwait(deadline()));
      }
    }
    applied++;
    return state;
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
    return journal.wantsCommit() || isAsked();
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
    journal.close();
    share.close();
    with.board().remove(place);
  }
}
