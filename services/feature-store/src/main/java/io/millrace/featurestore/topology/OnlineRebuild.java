// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.featurestore.online.OnlineStore;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the online store has lost what it held, and has all states of a task written there
 * again, some at each turn while events go on. Which epoch of the store is complete is part of the
 * committed state, so that a loss is noticed also where it happened while nobody looked, and a
 * rebuild that was cut off begins again. Not thread-safe.
 */
final class OnlineRebuild {
  private static final byte[] EPOCH_KEY = {'e'};
  private static final int KEYS_AT_ONCE = 500;

  private final OnlineStore online;
  private final TaskStore store;
  private final StateCache cache;
  private final OnlineFlusher flusher;

  /** The epoch in which everything is there; blank where that is not known. */
  private String complete;

  /** The epoch in which states are being written again. */
  private String building = "";

  /** Key of the group's mark, and which part of the group this is. */
  private final byte[] mark;

  private final int part;
  private final int parts;

  /** The epoch in which this part is marked as whole. */
  private String marked = "";

  /** The epoch that is being marked; null while none is. */
  private @Nullable String marking;

  private CompletableFuture<Boolean> answer = CompletableFuture.completedFuture(false);

  /** Where to go on; null while nothing is being written again. */
  private byte @Nullable [] next;

  /**
   * @param mark key of the group's mark
   * @param part of the group that this is, of so many
   */
  OnlineRebuild(
      OnlineStore online,
      TaskStore store,
      StateCache cache,
      OnlineFlusher flusher,
      byte[] mark,
      int part,
      int parts) {
    this.mark = mark;
    this.part = part;
    this.parts = parts;
    this.online = online;
    this.store = store;
    this.cache = cache;
    this.flusher = flusher;
    byte[] known = store.get(EPOCH_KEY);
    complete = known == null ? "" : new String(known, StandardCharsets.UTF_8);
  }

  /** Looks, and does the next part of what there is to do. */
  void goOn(long nowMs) {
    String epoch = online.epoch();
    if (epoch.isEmpty()) {
      return;
    }
    if (next == null ? !epoch.equals(complete) : !epoch.equals(building)) {
      // What is only in memory is seen below as well.
      cache.store();
      building = epoch;
      next = StateKeys.firstRecord();
    }
    if (next != null) {
      next = some(next, nowMs);
      if (next == null) {
        complete = building;
        store.put(EPOCH_KEY, complete.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  /**
   * Tells the readers that all keys of this part are there. To be called when the online store has
   * acknowledged everything that {@link #goOn} handed over; does not wait, and tries again with the
   * next call.
   */
  void acknowledged() {
    if (marking != null && answer.isDone()) {
      if (!answer.isCompletedExceptionally() && answer.join()) {
        marked = marking;
      }
      marking = null;
    }
    if (next == null && marking == null && !complete.isEmpty() && !complete.equals(marked)) {
      marking = complete;
      answer = online.whole(mark, complete, part, parts).toCompletableFuture();
    }
  }

  private byte @Nullable [] some(byte[] from, long nowMs) {
    try (KeyValueIterator<Bytes, byte[]> stored = store.range(from, StateKeys.lastRecord())) {
      for (int i = 0; stored.hasNext(); i++) {
        KeyValue<Bytes, byte[]> each = stored.next();
        if (i == KEYS_AT_ONCE) {
          return each.key.get();
        }
        flusher.changed(StateKeys.keyOf(each.key.get()), nowMs, false);
      }
      return null;
    }
  }
}
