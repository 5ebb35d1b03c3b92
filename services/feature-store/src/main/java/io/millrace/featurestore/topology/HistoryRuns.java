// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRun;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.view.FeatureGroup;
import java.util.HashMap;
import java.util.Map;

/**
 * Carries events of a group to the history: the successive ones of a key as one run, kept here
 * until the next {@link #send}. Not thread-safe.
 */
final class HistoryRuns {
  private final String app;
  private final FeatureGroup group;
  private final HistoryStore store;
  private final PendingWrites pending;
  private Map<String, HistoryRun> open = new HashMap<>();

  HistoryRuns(String app, FeatureGroup group, HistoryStore store, PendingWrites pending) {
    this.app = app;
    this.group = group;
    this.store = store;
    this.pending = pending;
  }

  /** Adds the event that made a state's version {@code seq}. */
  void add(String key, long seq, Event event, byte[] raw) {
    HistoryRun run = open.get(key);
    if (run == null || run.isFull() || (seq - 1) % HistoryStore.BUCKET_ROWS == 0) {
      if (run != null) {
        send(key, run);
      }
      run = new HistoryRun(seq);
      open.put(key, run);
    }
    run.add(event.id(), event.eventTimeMs(), event.knownAtMs(), raw);
  }

  /** Hands all runs to the store. */
  void send() {
    open.forEach(this::send);
    open = new HashMap<>();
  }

  private void send(String key, HistoryRun run) {
    pending.add(store.append(HistoryKey.of(app, group, key), run));
  }
}
