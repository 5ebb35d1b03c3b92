// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.progress.ProgressBoard;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Applies events to the states of one feature group.
 *
 * <p>States are objects in a bounded cache. What changed goes to the online store every {@value
 * #FLUSH_MS} ms, however many events changed it, and into the changelog once per commit. Before a
 * commit, the online store and the history have acknowledged everything; so what is committed is
 * visible, and what is not committed is applied again and writes the same values.
 */
final class GroupProcessor implements Processor<String, Outcome, Void, Void> {
  private static final int FLUSH_MS = 20;
  private static final int CACHE_MAX = 20_000;
  private static final Duration COMMIT_DEADLINE = Duration.ofSeconds(8);

  private final Generation generation;
  private final FeatureGroup group;
  private final String storeName;
  private final Collaborators with;

  /** In order of access; states that are not in the store yet are never evicted. */
  private final LinkedHashMap<String, GroupState> cache = new LinkedHashMap<>(1024, 0.75f, true);

  private final Set<String> unstored = new HashSet<>();
  private final PendingWrites rows = new PendingWrites();
  private final OnlineFlusher flusher;
  private ProgressBoard.@Nullable Place place;
  private @Nullable CommitStore store;
  private @Nullable Tallies tallies;

  GroupProcessor(Generation generation, FeatureGroup group, String storeName, Collaborators with) {
    this.generation = generation;
    this.group = group;
    this.storeName = storeName;
    this.with = with;
    this.flusher = new OnlineFlusher(generation, group, with, this::cached);
  }

  @Override
  public void init(ProcessorContext<Void, Void> context) {
    CommitStore own = context.getStateStore(storeName);
    store = own;
    tallies = new Tallies(own);
    place =
        new ProgressBoard.Place(
            generation.app(), context.applicationId(), storeName + "/" + context.taskId());
    publish();
    own.beforeCommit(this::beforeCommit);
    context.schedule(
        Duration.ofMillis(FLUSH_MS), PunctuationType.WALL_CLOCK_TIME, now -> flusher.flush());
  }

  @Override
  public void process(Record<String, Outcome> record) {
    if (!(record.value() instanceof Outcome.Accepted accepted)) {
      return;
    }
    Tallies counts = Objects.requireNonNull(tallies);
    String key = record.key();
    var event = accepted.event();
    HistoryKey historyKey = HistoryKey.of(generation.app(), group, key);
    counts.advance(event.eventTimeMs(), event.knownAtMs());
    if (accepted.late()) {
      counts.count("late", 1);
      rows.add(
          with.history()
              .appendLate(
                  historyKey,
                  new HistoryRow(
                      0, event.id(), event.eventTimeMs(), event.knownAtMs(), accepted.raw())));
      return;
    }
    GroupState state = state(key);
    group.apply(state, event.data(), event.eventTimeMs());
    unstored.add(key);
    flusher.changed(key, record.timestamp());
    counts.count("applied", 1);
    with.measures().applied(generation.app(), group.name(), 1);
    rows.add(
        with.history()
            .append(
                historyKey,
                new HistoryRow(
                    state.seq(),
                    event.id(),
                    event.eventTimeMs(),
                    event.knownAtMs(),
                    accepted.raw())));
  }

  private GroupState cached(String key) {
    return Objects.requireNonNull(cache.get(key));
  }

  private GroupState state(String key) {
    GroupState state = cache.get(key);
    if (state == null) {
      byte[] bytes = Objects.requireNonNull(store).get(storeKey(key));
      state = bytes == null ? group.newState() : group.decode(bytes);
      cache.put(key, state);
      if (cache.size() > CACHE_MAX) {
        evict();
      }
    }
    return state;
  }

  private void evict() {
    List<String> idle = new ArrayList<>();
    Iterator<String> oldest = cache.keySet().iterator();
    for (int i = 0; i < CACHE_MAX / 10 && oldest.hasNext(); i++) {
      String key = oldest.next();
      if (!unstored.contains(key) && !flusher.needs(key)) {
        idle.add(key);
      }
    }
    idle.forEach(cache::remove);
  }

  private static byte[] storeKey(String key) {
    byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
    byte[] stored = new byte[utf8.length + 1];
    stored[0] = 'k';
    System.arraycopy(utf8, 0, stored, 1, utf8.length);
    return stored;
  }

  /**
   * @throws StoreUnavailableException where a backend does not acknowledge; nothing is committed
   *     then
   */
  private void beforeCommit() {
    long deadline = System.nanoTime() + COMMIT_DEADLINE.toNanos();
    with.history().flush();
    Tallies counts = Objects.requireNonNull(tallies);
    counts.count("written", flusher.flushAndAwait(deadline));
    rows.await(deadline);
    CommitStore target = Objects.requireNonNull(store);
    for (String key : unstored) {
      target.put(storeKey(key), group.encode(cached(key)));
    }
    unstored.clear();
    counts.save();
    publish();
  }

  private void publish() {
    Tallies counts = Objects.requireNonNull(tallies);
    with.board()
        .publish(
            Objects.requireNonNull(place),
            new ProgressBoard.Snapshot(counts.streamTimeMs(), counts.counts()));
  }

  @Override
  public void close() {
    if (place != null) {
      with.board().remove(place);
    }
  }
}
