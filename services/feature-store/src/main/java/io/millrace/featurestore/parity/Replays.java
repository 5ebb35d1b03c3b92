// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.parity;

import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.GroupState;
import java.util.LinkedHashMap;

/**
 * States recomputed before, to go on from, and a budget of histories to look into and of rows to
 * read there: a look costs the store far more than a further row. A key is sampled for ever, so
 * with its state at hand each row of its history is read about once. Not thread-safe.
 */
final class Replays {
  private final int statesMax;
  private final LinkedHashMap<Place, GroupState> states = new LinkedHashMap<>(16, 0.75f, true);
  private long readsLeft;
  private long rowsLeft;

  private record Place(String generation, HistoryKey key) {}

  /**
   * @param statesMax states kept, the last used ones
   * @param reads budget of histories until {@link #refill}
   * @param rows budget of rows
   */
  Replays(int statesMax, long reads, long rows) {
    this.statesMax = statesMax;
    this.readsLeft = reads;
    this.rowsLeft = rows;
  }

  void refill(long reads, long rows) {
    readsLeft = reads;
    rowsLeft = rows;
  }

  /** Takes a look into a history from the budget; false where it is spent. */
  boolean look() {
    if (readsLeft == 0 || rowsLeft == 0) {
      return false;
    }
    readsLeft--;
    return true;
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
