// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import org.jspecify.annotations.Nullable;

/**
 * The state of one view for one entity: its tiles, and how far it is. Mutable, with scratch space
 * for updates and reads: one thread at a time.
 */
public final class ViewState {
  final Tiles[] rings;
  final Inputs inputs;

  /** What the last read found of each read group. */
  final ReadGroup.Merged[] merged;

  /** What changed in each ring since it was stored; null while nobody asks. */
  BlockChanges @Nullable [] changes;

  long eventCount;
  long lastEventTimeMs = Long.MIN_VALUE;

  ViewState(Tiles[] rings, ReadGroup.Merged[] merged, Inputs inputs) {
    this.rings = rings;
    this.merged = merged;
    this.inputs = inputs;
  }

  /** Number of updates ever applied: the state's version. */
  public long eventCount() {
    return eventCount;
  }

  /** Greatest event time applied, in ms since the epoch; {@link Long#MIN_VALUE} before any. */
  public long lastEventTimeMs() {
    return lastEventTimeMs;
  }

  /** As before the first event. */
  void reset() {
    for (Tiles tiles : rings) {
      tiles.reset();
    }
    changes = null;
    eventCount = 0;
    lastEventTimeMs = Long.MIN_VALUE;
  }

  BlockChanges[] trackChanges() {
    BlockChanges[] tracked = changes;
    if (tracked == null) {
      tracked = new BlockChanges[rings.length];
      for (int i = 0; i < tracked.length; i++) {
        tracked[i] = new BlockChanges();
      }
      changes = tracked;
    }
    return tracked;
  }
}
