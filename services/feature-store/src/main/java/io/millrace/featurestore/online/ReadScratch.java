// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.features.view.ByteReader;
import io.millrace.features.view.FeatureStatus;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import io.millrace.featurestore.view.FeatureSet;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one read of a feature set works with, kept for the next. Not thread-safe. */
final class ReadScratch {
  private static final byte PRESENT = (byte) FeatureStatus.PRESENT.ordinal();

  private static final int TOUCH_EVERY = 16;

  private final FeatureSet features;
  private final OnlineBlock block;
  private final OnlineRecord record = new OnlineRecord();
  private final byte[][] prefixes;
  private final byte[][] marks;
  private final ByteReader reader = new ByteReader();
  private final int[][] lastOfBlocks;
  private final ViewState[][] states;
  private final ViewState[] blanks;

  /** Of each group, its views in the feature set, and whether all of them are of numbers only. */
  private final FeatureSet.View[][] views;

  private final boolean[] numeric;

  /** Of each group, pairs of first slot and number of slots that lie together. */
  private final int[][] runs;

  private int puts;

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
    this.views = new FeatureSet.View[groups][];
    this.numeric = new boolean[groups];
    this.runs = new int[groups][];
    for (int group = 0; group < groups; group++) {
      int of = group;
      views[group] =
          features.views().stream()
              .filter(view -> view.group() == of)
              .toArray(FeatureSet.View[]::new);
      numeric[group] = Arrays.stream(views[group]).allMatch(FeatureSet.View::isNumeric);
      runs[group] = runs(views[group]);
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

  private static int[] runs(FeatureSet.View[] views) {
    int[] runs = new int[2 * views.length];
    int end = 0;
    for (FeatureSet.View view : views) {
      if (end > 0 && runs[end - 2] + runs[end - 1] == view.slot()) {
        runs[end - 1] += view.plan().size();
      } else {
        runs[end++] = view.slot();
        runs[end++] = view.plan().size();
      }
    }
    return Arrays.copyOf(runs, end);
  }

  /** Whether all features of a group's views are numbers. */
  boolean isNumeric(int group) {
    return numeric[group];
  }

  /**
   * Reads the views of a group from the record decoded last into a row of the block; returns until
   * when they read so, see {@link ViewPlan#sameUntil}.
   */
  long finalise(int group, int row, long momentMs) {
    int cells = row * features.width();
    long until = Long.MAX_VALUE;
    for (FeatureSet.View view : views[group]) {
      ViewState state = states[group][view.index()];
      view.plan()
          .readColumns(
              state, momentMs, block.numbers, block.others, block.status, cells + view.slot());
      if (numeric[group] && until > momentMs + 1) {
        until = Math.min(until, view.plan().sameUntil(state, momentMs));
      }
    }
    return until;
  }

  /** What {@link #finalise} has read, to be kept. */
  ReadRows.Row row(
      byte[] bytes, @Nullable StoredValue stored, int group, int row, long momentMs, long untilMs) {
    int[] of = runs[group];
    int size = 0;
    for (int i = 1; i < of.length; i += 2) {
      size += of[i];
    }
    double[] numbers = new double[size];
    byte[] status = new byte[size];
    int to = 0;
    for (int i = 0; i < of.length; i += 2) {
      int from = row * features.width() + of[i];
      System.arraycopy(block.numbers, from, numbers, to, of[i + 1]);
      System.arraycopy(block.status, from, status, to, of[i + 1]);
      to += of[i + 1];
    }
    boolean allPresent = true;
    for (byte each : status) {
      allPresent &= each == PRESENT;
    }
    return new ReadRows.Row(
        bytes,
        stored,
        momentMs,
        untilMs,
        record.seq(),
        record.lastEventTimeMs(),
        numbers,
        allPresent ? null : status);
  }

  /** Puts what was kept into a row of the block. */
  void put(ReadRows.Row known, int group, int row) {
    int[] of = runs[group];
    byte[] status = known.status();
    int from = 0;
    for (int i = 0; i < of.length; i += 2) {
      int to = row * features.width() + of[i];
      System.arraycopy(known.numbers(), from, block.numbers, to, of[i + 1]);
      if (status == null) {
        Arrays.fill(block.status, to, to + of[i + 1], PRESENT);
      } else {
        System.arraycopy(status, from, block.status, to, of[i + 1]);
      }
      from += of[i + 1];
    }
  }

  /**
   * Whether a record that is not looked up because its row is kept is to be looked up all the same:
   * now and then, so that the store's cache knows what is in use.
   */
  boolean isTurnToTouch() {
    return ++puts % TOUCH_EVERY == 0;
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
