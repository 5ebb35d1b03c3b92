// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.online.OnlineKey;
import io.millrace.featurestore.online.OnlineStore;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * Carries changed states to the online store: coalesced by key, batches in flight bounded in number
 * and by the budget. The keys of a failed batch are changed again, so that what is sent next is
 * their newest state and never an older one. Not thread-safe.
 */
final class OnlineFlusher {
  private static final int BATCHES_MAX = 4;
  private static final int BATCH_KEYS = 2048;
  private static final int PUT_BYTES = 150;
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Generation generation;
  private final FeatureGroup group;
  private final byte[] prefix;
  private final Collaborators with;
  private final StateBudget.Share share;
  private final Function<String, byte[]> records;

  /** Key → acceptance of the earliest event that is not visible yet, ms. */
  private final Map<String, Long> changed = new LinkedHashMap<>();

  /** The same of keys whose records are so large that they are sent once per commit. */
  private final Map<String, Long> heavy = new LinkedHashMap<>();

  private final Deque<Batch> inFlight = new ArrayDeque<>();
  private long written;
  private long sentBytes;
  private long nextTurnNanos = System.nanoTime();

  private record Batch(Map<String, Long> keys, CompletableFuture<Void> done, long sentNanos) {}

  /**
   * @param records the newest record of a key
   */
  OnlineFlusher(
      Generation generation,
      FeatureGroup group,
      Collaborators with,
      StateBudget.Share share,
      Function<String, byte[]> records) {
    this.generation = generation;
    this.group = group;
    this.prefix = OnlineKey.prefix(generation, group);
    this.with = with;
    this.share = share;
    this.records = records;
  }

  /**
   * Takes notice of a change by an event accepted at that time.
   *
   * @param isHeavy whether the record is to wait for the next commit
   */
  void changed(String key, long acceptedMs, boolean isHeavy) {
    (isHeavy ? heavy : changed).putIfAbsent(key, acceptedMs);
  }

  /**
   * Sends what changed and does not wait: as far as the limits allow, and after much was sent not
   * before its share of the bandwidth has caught up. So a quiet key is visible at once, and a busy
   * one is written once for many events.
   *
   * @param behind whether to send nothing before the next commit
   */
  void flushInTurn(boolean behind) {
    long now = System.nanoTime();
    if (behind || now - nextTurnNanos < 0) {
      reap();
      return;
    }
    long before = sentBytes;
    flush();
    nextTurnNanos = now + (long) ((sentBytes - before) / share.bandwidth() * 1e9);
  }

  private void flush() {
    reap();
    while (!changed.isEmpty() && inFlight.size() < BATCHES_MAX) {
      send();
    }
  }

  /** Whether so much has changed that it should be sent now. */
  boolean isFull() {
    return (long) (changed.size() + heavy.size()) * PUT_BYTES > share.writes();
  }

  /** Whether everything that changed is acknowledged. */
  boolean isIdle() {
    return changed.isEmpty() && heavy.isEmpty() && inFlight.isEmpty();
  }

  /**
   * Sends everything and waits for all acknowledgements.
   *
   * @return values written since the last call
   * @throws StoreUnavailableException at the deadline
   */
  long flushAndAwait(long deadlineNanos) {
    heavy.forEach((key, accepted) -> changed.merge(key, accepted, Math::min));
    heavy.clear();
    flush();
    while (!inFlight.isEmpty()) {
      CompletableFuture<Void> oldest = inFlight.element().done();
      boolean failed = false;
      try {
        PendingWrites.await(oldest, deadlineNanos);
      } catch (StoreUnavailableException e) {
        if (System.nanoTime() - deadlineNanos >= 0 || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        failed = true;
      }
      if (failed) {
        LockSupport.parkNanos(PAUSE.toNanos());
      }
      flush();
    }
    long count = written;
    written = 0;
    return count;
  }

  private void send() {
    Map<String, Long> keys = new LinkedHashMap<>();
    List<OnlineStore.Put> puts = new ArrayList<>();
    var pending = changed.entrySet().iterator();
    long bytes = 0;
    long most = share.writes() / BATCHES_MAX;
    while (pending.hasNext() && keys.size() < BATCH_KEYS && bytes < most) {
      Map.Entry<String, Long> entry = pending.next();
      pending.remove();
      keys.put(entry.getKey(), entry.getValue());
      OnlineStore.Put put =
          new OnlineStore.Put(OnlineKey.of(prefix, entry.getKey()), records.apply(entry.getKey()));
      bytes += PUT_BYTES + put.value().length;
      puts.add(put);
    }
    sentBytes += bytes;
    inFlight.add(
        new Batch(keys, with.online().write(puts).toCompletableFuture(), System.nanoTime()));
  }

  private void reap() {
    Batch oldest = inFlight.peek();
    while (oldest != null && oldest.done().isDone()) {
      inFlight.remove();
      if (oldest.done().isCompletedExceptionally()) {
        oldest.keys().forEach((key, accepted) -> changed.merge(key, accepted, Math::min));
      } else {
        acknowledged(oldest);
      }
      oldest = inFlight.peek();
    }
  }

  private void acknowledged(Batch batch) {
    long now = with.clock().millis();
    long values = (long) batch.keys().size() * group.plans().size();
    written += values;
    with.measures().written(generation.app(), values);
    with.measures().flushed(generation.app(), (System.nanoTime() - batch.sentNanos()) / 1e6);
    batch
        .keys()
        .values()
        .forEach(accepted -> with.measures().fresh(generation.app(), group.name(), accepted, now));
  }
}
