// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.features.view.ByteReader;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import io.millrace.featurestore.view.FeatureSet;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one read of a feature set works with, kept for the next. Not thread-safe. */
final class ReadScratch {
  private final FeatureSet features;
  private final OnlineBlock block;
  private final OnlineRecord record = new OnlineRecord();
  private final byte[][] prefixes;
  private final byte[][] marks;
  private final ByteReader reader = new ByteReader();
  private final int[][] lastOfBlocks;
  private final ViewState[][] states;
  private final ViewState[] blanks;

  private ReadScratch(FeatureSet features) {
    this.features = features;
    this.block = new OnlineBlock(features);
    this.prefixes =
        features.groups().stream()
            .map(group -> OnlineKey.prefix(features.generation(), group))
            .toArray(byte[][]::new);
    this.marks = Arrays.stream(prefixes).map(OnlineKey::mark).toArray(byte[][]::new);
    int groups = features.groups().size();
    this.lastOfBlocks = new int[groups][];
    this.states = new ViewState[groups][];
    for (int group = 0; group < groups; group++) {
      lastOfBlocks[group] = features.lastOfBlocks(group);
      states[group] =
          features.groups().get(group).plans().stream()
              .map(ViewPlan::newState)
              .toArray(ViewState[]::new);
    }
    this.blanks =
        features.views().stream().map(view -> view.plan().newState()).toArray(ViewState[]::new);
  }

  OnlineBlock block() {
    return block;
  }

  OnlineRecord record() {
    return record;
  }

  /** Reads the blocks of the current record that hold views of the feature set. */
  void decode(int group) {
    int[] last = lastOfBlocks[group];
    for (int block = 0; block < last.length; block++) {
      if (last[block] >= 0) {
        record.turn(reader, block);
        features
            .groups()
            .get(group)
            .decodeBlock(reader, states[group], last[block], record.lastEventTimeMs());
      }
    }
  }

  /** The state of a view of the record decoded last. */
  ViewState state(FeatureSet.View view) {
    return states[view.group()][view.index()];
  }

  /** The key of a group's mark. */
  byte[] mark(int group) {
    return marks[group];
  }

  /** What the keys of a group begin with. */
  byte[] prefix(int group) {
    return prefixes[group];
  }

  /** The state of a view before any event, for reading. */
  ViewState blank(int view) {
    return blanks[view];
  }

  /**
   * Some scratches of each feature set that is read: at most {@value #EACH_MAX} of one, of at most
   * {@value #SETS_MAX} sets, none larger than {@value #CELLS_MAX} values. Thread-safe.
   */
  static final class Pool {
    private static final int SETS_MAX = 32;
    private static final int EACH_MAX = 4;
    private static final int CELLS_MAX = 100_000;

    private final Map<FeatureSet, Deque<ReadScratch>> idle =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<FeatureSet, Deque<ReadScratch>> eldest) {
            return size() > SETS_MAX;
          }
        };

    ReadScratch take(FeatureSet features) {
      ReadScratch scratch;
      synchronized (idle) {
        scratch = idle.computeIfAbsent(features, absent -> new ArrayDeque<>(EACH_MAX)).poll();
      }
      return scratch == null ? new ReadScratch(features) : scratch;
    }

    void give(ReadScratch scratch) {
      if (scratch.block.capacity() > CELLS_MAX) {
        return;
      }
      synchronized (idle) {
        Deque<ReadScratch> kept = idle.get(scratch.features);
        if (kept != null && kept.size() < EACH_MAX) {
          kept.push(scratch);
        }
      }
    }
  }
}
