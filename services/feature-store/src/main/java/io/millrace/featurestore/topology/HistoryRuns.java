// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRun;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.view.FeatureGroup;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries events of a group to the history: the successive ones of a key as one run, kept here
 * until the next {@link #send}. Not thread-safe.
 */
final class HistoryRuns {
  private final String app;
  private final FeatureGroup group;
  private final HistoryStore store;
  private final PendingWrites pending;
  private List<Slot> open = new ArrayList<>();

  /** Where the run of a key is kept while it is open; whoever knows the key keeps it. */
  static final class Slot {
    private final String key;
    private @Nullable HistoryRun run;

    Slot(String key) {
      this.key = key;
    }
  }

  HistoryRuns(String app, FeatureGroup group, HistoryStore store, PendingWrites pending) {
    this.app = app;
    this.group = group;
    this.store = store;
    this.pending = pending;
  }

  /**
   * Adds the event that made a state's version {@code seq}. A key that comes with another slot
   * before the next {@link #send} has two runs then, which follow each other.
   */
  void add(Slot slot, long seq, Event event, byte[] raw) {
    HistoryRun run = slot.run;
    if (run == null || run.isFull() || (seq - 1) % HistoryStore.BUCKET_ROWS == 0) {
      if (run == null) {
        open.add(slot);
      } else {
        send(slot.key, run);
      }
      run = new HistoryRun(seq);
      slot.run = run;
    }
    run.add(event.id(), event.eventTimeMs(), event.knownAtMs(), raw);
  }

  /** Hands all runs to the store. */
  void send() {
    if (open.isEmpty()) {
      return;
    }
    List<HistoryStore.Addition> additions = new ArrayList<>(open.size());
    for (Slot slot : open) {
      if (slot.run != null) {
        additions.add(new HistoryStore.Addition(HistoryKey.of(app, group, slot.key), slot.run));
        slot.run = null;
      }
    }
    open = new ArrayList<>();
    pending.add(store.append(additions));
  }

  private void send(String key, HistoryRun run) {
    pending.add(store.append(HistoryKey.of(app, group, key), run));
  }
}
