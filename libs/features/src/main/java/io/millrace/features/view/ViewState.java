// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/**
 * The state of one view for one entity: its tiles, and how far it is. Mutable, with scratch space
 * for updates and reads: one thread at a time.
 */
public final class ViewState {
  final Tiles[] rings;
  final Inputs inputs;

  /** Where the last read found each group's result. */
  final Tiles[] found;

  final int[] foundSlot;
  final Tiles[] accumulators;
  long eventCount;
  long lastEventTimeMs = Long.MIN_VALUE;

  ViewState(Tiles[] rings, Tiles[] accumulators, Inputs inputs) {
    this.rings = rings;
    this.accumulators = accumulators;
    this.inputs = inputs;
    this.found = accumulators.clone();
    this.foundSlot = new int[accumulators.length];
  }

  /** Number of updates ever applied: the state's version. */
  public long eventCount() {
    return eventCount;
  }

  /** Greatest event time applied, in ms since the epoch; {@link Long#MIN_VALUE} before any. */
  public long lastEventTimeMs() {
    return lastEventTimeMs;
  }
}
