// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.online.OnlineKey;
import io.millrace.featurestore.progress.ProgressBoard;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The states of one feature group in one partition, and what has to be written because of them.
 *
 * <p>States are objects in a bounded cache. What changed goes to the online store at each flush,
 * however many events changed it, and into the changelog once per commit. Before a commit, the
 * online store and the history have acknowledged everything; so what is committed is visible, and
 * what is not committed is applied again and writes the same values. Where more waits to be
 * acknowledged than the budget allows, no further event is taken until it is. Not thread-safe.
 */
final class GroupTask {
  /** What an event waiting for its acknowledgements takes beyond its data. */
  private static final int ROW_BYTES = 100;

  private static final Duration COMMIT_DEADLINE = Duration.ofSeconds(8);

  private final Generation generation;
  private final FeatureGroup group;
  private final Collaborators with;
  private final StateBudget.Share share;
  private final StateCache cache;
  private final Tallies tallies;
  private final ProgressBoard.Place place;
  private final PendingWrites rows = new PendingWrites();
  private final HistoryRuns runs;
  private final OnlineFlusher flusher;
  private final OnlineRebuild rebuild;
  private long unacknowledgedBytes;
  private long applied;

  /**
   * @param applicationId of the streams application
   * @param name of the task, unique there
   * @param part of the group's states that this is, of so many
   */
  GroupTask(
      Generation generation,
      FeatureGroup group,
      CommitStore store,
      String applicationId,
      String name,
      int part,
      int parts,
      Collaborators with) {
    this.generation = generation;
    this.group = group;
    this.with = with;
    share = with.budget().open();
    cache = new StateCache(group, store, share);
    tallies = new Tallies(store);
    runs = new HistoryRuns(generation.app(), group, with.history(), rows);
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
    makeRoom(ROW_BYTES + accepted.raw().length);
    tallies.advance(event.eventTimeMs(), event.knownAtMs());
    if (accepted.late()) {
      tallies.count("late", 1);
      rows.add(
          with.history()
              .appendLate(
                  HistoryKey.of(generation.app(), group, key),
                  new HistoryRow(
                      0, event.id(), event.eventTimeMs(), event.knownAtMs(), accepted.raw())));
      return null;
    }
    StateCache.Entry entry = cache.change(key);
    GroupState state = entry.state();
    group.apply(state, event.data(), event.eventTimeMs());
    if (entry.queue()) {
      flusher.changed(key, acceptedMs);
    }
    applied++;
    runs.add(entry.history(), state.seq(), event, accepted.raw());
    return state;
  }

  /** Waits for the backends where too much is on its way to them. */
  private void makeRoom(int bytes) {
    unacknowledgedBytes += bytes;
    if (unacknowledgedBytes > share.writes()) {
      awaitWrites();
      unacknowledgedBytes = bytes;
    }
  }

  private void awaitWrites() {
    long deadline = System.nanoTime() + COMMIT_DEADLINE.toNanos();
    runs.send();
    tallies.count("written", flusher.flushAndAwait(deadline));
    rows.await(deadline);
  }

  /**
   * Sends what changed to the stores, and does not wait; so little is left to wait for at a commit.
   *
   * @param behind whether all can wait for the commit, because it is late already
   */
  void flush(boolean behind) {
    rebuild.goOn(with.clock().millis());
    if (!behind) {
      runs.send();
    }
    flusher.flushInTurn(behind);
    if (flusher.isIdle()) {
      rebuild.acknowledged();
    }
    countApplied();
  }

  private void countApplied() {
    if (applied > 0) {
      tallies.count("applied", applied);
      with.measures().applied(generation.app(), group.name(), applied);
      applied = 0;
    }
  }

  /**
   * @throws StoreUnavailableException where a backend does not acknowledge; nothing is committed
   *     then
   */
  void beforeCommit() {
    awaitWrites();
    rebuild.acknowledged();
    unacknowledgedBytes = 0;
    countApplied();
    cache.store();
    tallies.save();
    publish();
  }

  private void publish() {
    with.board()
        .publish(place, new ProgressBoard.Snapshot(tallies.streamTimeMs(), tallies.counts()));
  }

  void close() {
    share.close();
    with.board().remove(place);
  }
}
