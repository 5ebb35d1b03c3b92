// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.featurestore.online.OnlineStore;
import java.nio.charset.StandardCharsets;
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
  private final CommitStore store;
  private final StateCache cache;
  private final OnlineFlusher flusher;

  /** The epoch in which everything is there; blank where that is not known. */
  private String complete;

  /** The epoch in which states are being written again. */
  private String building = "";

  /** Where to go on; null while nothing is being written again. */
  private byte @Nullable [] next;

  OnlineRebuild(OnlineStore online, CommitStore store, StateCache cache, OnlineFlusher flusher) {
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
      next = StateCache.firstKey();
    }
    if (next != null) {
      next = some(next, nowMs);
      if (next == null) {
        complete = building;
        store.put(EPOCH_KEY, complete.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private byte @Nullable [] some(byte[] from, long nowMs) {
    try (KeyValueIterator<Bytes, byte[]> stored = store.range(from, StateCache.lastKey())) {
      for (int i = 0; stored.hasNext(); i++) {
        KeyValue<Bytes, byte[]> each = stored.next();
        if (i == KEYS_AT_ONCE) {
          return each.key.get();
        }
        flusher.changed(StateCache.keyOf(each.key.get()), nowMs);
      }
      return null;
    }
  }
}
