// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.parity;

import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.GroupState;
import java.util.LinkedHashMap;

/**
 * States recomputed before, to go on from, and a budget of rows to read. A key is sampled for ever,
 * so with its state at hand each row of its history is read about once. Not thread-safe.
 */
final class Replays {
  private final int statesMax;
  private final LinkedHashMap<Place, GroupState> states = new LinkedHashMap<>(16, 0.75f, true);
  private long rowsLeft;

  private record Place(String generation, HistoryKey key) {}

  /**
   * @param statesMax states kept, the last used ones
   * @param rows budget until {@link #refill}
   */
  Replays(int statesMax, long rows) {
    this.statesMax = statesMax;
    this.rowsLeft = rows;
  }

  void refill(long rows) {
    rowsLeft = rows;
  }

  boolean isSpent() {
    return rowsLeft == 0;
  }

  /** Takes one row from the budget; false where it is spent. */
  boolean take() {
    if (rowsLeft == 0) {
      return false;
    }
    rowsLeft--;
    return true;
  }

  /** A state of a version not beyond the given one; the caller's until it keeps it. */
  GroupState from(String generation, HistoryKey key, FeatureGroup group, long version) {
    GroupState known = states.remove(new Place(generation, key));
    return known == null || known.seq() > version ? group.newState() : known;
  }

  void keep(String generation, HistoryKey key, GroupState state) {
    states.put(new Place(generation, key), state);
    while (states.size() > statesMax) {
      states.pollFirstEntry();
    }
  }

  /** Forgets what was recomputed, for example where a history may have been written anew. */
  void forget() {
    states.clear();
  }
}
