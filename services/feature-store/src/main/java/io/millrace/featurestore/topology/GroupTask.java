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
  private final Collaborators with;
  private final StateBudget.Share share;
  private final GroupStates states;
  private final ProgressBoard.Place place;
  private final String part;
  private final HistoryJournal journal;
  private final OnlineFlusher flusher;
  private final OnlineRebuild rebuild;
  private final Reader reader;

  /** Commits that were begun. */
  private long commits;

  /** Requests that are met → their answers. */
  private final Map<String, Answer> answers = new HashMap<>();

  /** Told of each event that changed a state, at once: the state goes on changing. */
  @FunctionalInterface
  interface Reader {
    void applied(GroupState state, GroupStates.Applied applied);
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
      TaskStore store,
      String applicationId,
      String name,
      int part,
      int parts,
      boolean atomic,
      Collaborators with,
      Deserializer<Event> deserializer,
      Reader reader) {
    this.reader = reader;
    this.generation = generation;
    this.with = with;
    share = with.budget().open();
    this.part = generation.part(group, part);
    journal =
        new HistoryJournal(
            store,
            with.history(),
            key -> HistoryKey.of(generation.app(), group, key),
            share,
            millis -> with.measures().recorded(generation.app(), (double) millis),
            HistoryJournal.BYTES_MAX);
    states =
        new GroupStates(
            generation, group, store, share, atomic, journal, with, deserializer, this::changed);
    StateCache cache = states.cache();
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

  /** Takes an event: see {@link GroupStates#take}. */
  void take(Record<String, ?> record, Outcome.Accepted accepted, long offset) {
    states.take(record.key(), record.timestamp(), record.headers(), accepted, offset);
  }

  /** Whether events are held. */
  boolean isHolding() {
    return states.isHolding();
  }

  /** Applies the held events that happened by then. */
  void release(long untilMs) {
    states.release(untilMs);
  }

  private void changed(StateCache.Entry entry, GroupStates.Applied applied) {
    if (entry.queue()) {
      flusher.changed(applied.key(), applied.timestampMs(), entry.isHeavy());
      if (flusher.isFull()) {
        states.tallies().count("written", flusher.flushAndAwait(deadline()));
      }
    }
    reader.applied(entry.state(), applied);
  }

  private static long deadline() {
    return System.nanoTime() + COMMIT_DEADLINE.toNanos();
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
    states.countApplied();
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
    return journal.wantsCommit() || states.wantsCommit() || isAsked();
  }

  private boolean isAsked() {
    return answers.values().stream().anyMatch(answer -> commits <= answer.commits);
  }

  /**
   * @throws StoreUnavailableException where the online store does not acknowledge; nothing is
   *     committed then
   */
  void beforeCommit() {
    states.tallies().count("written", flusher.flushAndAwait(deadline()));
    rebuild.acknowledged();
    if (isAsked()) {
      states.tallies().touch();
    }
    states.store();
    commits++;
    publish();
  }

  private void publish() {
    Tallies tallies = states.tallies();
    with.board()
        .publish(place, new ProgressBoard.Snapshot(tallies.streamTimeMs(), tallies.counts()));
  }

  void close() {
    states.close();
    journal.close();
    share.close();
    with.board().remove(place);
  }
}
