// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.features.view.FeatureStatus;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.FeatureSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads feature vectors of entities as of a moment: one request to the online store, states decoded
 * and finalised here into arrays that are kept for the next read. An entity key that no event has
 * named reads like one whose windows are empty, unless the store is being filled (again): then it
 * cannot be told from one whose turn has not come, and the read fails; a row without a key of a
 * view's entity has that view's features missing. Thread-safe.
 */
public final class OnlineReader {
  private static final byte MISSING = (byte) FeatureStatus.MISSING.ordinal();

  /** A row that is good for less is not kept. */
  private static final long WORTHWHILE_MS = 100;

  private final OnlineStore store;
  private final ReadRows known;
  private final ReadScratch.Pool pool = new ReadScratch.Pool();

  /**
   * @param knownBytesMax memory for rows that later reads need not decode again; 0 for none
   */
  public OnlineReader(OnlineStore store, long knownBytesMax) {
    this.store = store;
    this.known = new ReadRows(knownBytesMax);
  }

  /**
   * Reads.
   *
   * @param keys entity → key of each row as it is in events, null where a row has none; an entity
   *     may be left out
   * @param momentsMs moment of each row
   * @param deadline after which the read gives up
   * @param answer makes the answer of the block, which is reused afterwards
   * @throws StoreUnavailableException where the store is away or too slow
   */
  public <T> T read(
      FeatureSet features,
      Map<String, @Nullable String[]> keys,
      long[] momentsMs,
      Duration deadline,
      Function<OnlineBlock, T> answer) {
    ReadScratch scratch = pool.take(features);
    try {
      load(scratch, keys, momentsMs, deadline);
      return answer.apply(scratch.block());
    } finally {
      pool.give(scratch);
    }
  }

  /**
   * A row of a group whose state is to be read.
   *
   * @param rows where rows of the group are kept; null where they are not
   * @param before the row that was kept last
   * @param value the state where it is at hand; null where the store must be asked
   */
  private record Open(
      int group,
      int row,
      String key,
      ReadRows.@Nullable Table rows,
      ReadRows.@Nullable Row before,
      @Nullable StoredValue value) {}

  private void load(
      ReadScratch scratch,
      Map<String, @Nullable String[]> keys,
      long[] momentsMs,
      Duration deadline) {
    OnlineBlock block = scratch.block();
    FeatureSet features = block.features();
    int groups = features.groups().size();
    block.reset(momentsMs.length);
    block.keys = new String[groups][];
    List<Open> open = new ArrayList<>();
    List<byte[]> wanted = new ArrayList<>();
    int marks = store.keepsWhole() ? groups : 0;
    addMarks(wanted, scratch, marks);
    for (int group = 0; group < groups; group++) {
      @Nullable String[] sent = keys.get(features.groups().get(group).entity());
      block.keys[group] = sent == null ? new String[momentsMs.length] : sent;
      open(scratch, group, momentsMs, open, wanted);
    }
    if (wanted.size() > OnlineStore.TOGETHER) {
      // Nothing between the two is lost in between.
      addMarks(wanted, scratch, marks);
    }
    List<byte @Nullable []> found = wanted.size() == marks ? List.of() : fetch(wanted, deadline);
    int next = marks;
    for (Open each : open) {
      byte[] bytes;
      if (each.value() == null) {
        bytes = found.get(next++);
        if (bytes == null && marks > 0) {
          checkWhole(features.groups().get(each.group()), found, each.group(), marks);
        }
      } else {
        bytes = each.value().bytes();
      }
      row(scratch, each, bytes, momentsMs[each.row()]);
    }
  }

  /** Puts the rows of a group that need no state read, and adds the others to those to be read. */
  private void open(
      ReadScratch scratch, int group, long[] momentsMs, List<Open> open, List<byte[]> wanted) {
    OnlineBlock block = scratch.block();
    @Nullable String[] keys = block.keys[group];
    ReadRows.Table rows =
        known.isKeeping() && scratch.isNumeric(group) ? known.of(block.features(), group) : null;
    // All look-ups first: one does not wait then for what the one before it finds in memory.
    ReadRows.@Nullable Row[] before = new ReadRows.Row[keys.length];
    for (int row = 0; rows != null && row < keys.length; row++) {
      String key = keys[row];
      before[row] = key == null ? null : rows.find(key);
    }
    for (int row = 0; row < keys.length; row++) {
      String key = keys[row];
      ReadRows.Row kept = before[row];
      if (key == null) {
        block.state(group, row, OnlineBlock.NO_KEY, 0);
        withoutState(scratch, group, row, momentsMs[row]);
      } else if (kept != null && kept.isCurrent(momentsMs[row])) {
        put(scratch, kept, group, row, momentsMs[row]);
        if (scratch.isTurnToTouch()) {
          store.known(OnlineKey.of(scratch.prefix(group), key));
        }
      } else {
        byte[] stored = OnlineKey.of(scratch.prefix(group), key);
        StoredValue value = store.known(stored);
        if (value == null) {
          wanted.add(stored);
        }
        open.add(new Open(group, row, key, rows, kept, value));
      }
    }
  }

  private static void put(
      ReadScratch scratch, ReadRows.Row kept, int group, int row, long momentMs) {
    scratch.block().state(group, row, kept.seq(), momentMs - kept.lastEventTimeMs());
    scratch.put(kept, group, row);
  }

  private static void addMarks(List<byte[]> wanted, ReadScratch scratch, int marks) {
    for (int group = 0; group < marks; group++) {
      wanted.add(scratch.mark(group));
    }
  }

  /** A key that is not there has had no events only where the store has lost none. */
  private static void checkWhole(
      FeatureGroup of, List<byte @Nullable []> found, int group, int marks) {
    boolean whole =
        WholeMark.isWhole(found.get(group))
            && (found.size() <= OnlineStore.TOGETHER
                || WholeMark.isWhole(found.get(found.size() - marks + group)));
    if (!whole) {
      throw new StoreUnavailableException(
          "the online store is being filled: the states of entity '"
              + of.entity()
              + "' by event '"
              + of.source()
              + "' are not all there yet");
    }
  }

  private List<byte @Nullable []> fetch(List<byte[]> keys, Duration deadline) {
    try {
      return store.read(keys).toCompletableFuture().get(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StoreUnavailableException("the online store: " + cause.getMessage(), cause);
    } catch (TimeoutException e) {
      throw new StoreUnavailableException(
          "the online store did not answer within " + deadline.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while reading the online store", e);
    }
  }

  /** Reads the views of one group in one row; null for an entity without a state. */
  private static void row(ReadScratch scratch, Open open, byte @Nullable [] bytes, long momentMs) {
    int group = open.group();
    int row = open.row();
    OnlineBlock block = scratch.block();
    if (bytes == null) {
      block.state(group, row, 0, 0);
      withoutState(scratch, group, row, momentMs);
      return;
    }
    StoredValue value = open.value();
    ReadRows.Row before = open.before();
    if (before != null && before.isOf(bytes, momentMs)) {
      put(scratch, before, group, row, momentMs);
      if (open.rows() != null && value != null) {
        open.rows().keep(open.key(), before.at(value));
      }
      return;
    }
    OnlineRecord record = scratch.record();
    record.read(bytes, block.features().groups().get(group).blocks());
    scratch.decode(group);
    block.state(group, row, record.seq(), momentMs - record.lastEventTimeMs());
    long until = scratch.finalise(group, row, momentMs);
    if (open.rows() != null && until - momentMs > WORTHWHILE_MS) {
      open.rows().keep(open.key(), scratch.row(bytes, value, group, row, momentMs, until));
    }
  }

  private static void withoutState(ReadScratch scratch, int group, int row, long momentMs) {
    OnlineBlock block = scratch.block();
    FeatureSet features = block.features();
    boolean hasKey = block.keys[group][row] != null;
    for (int i = 0; i < features.views().size(); i++) {
      FeatureSet.View view = features.views().get(i);
      if (view.group() != group) {
        continue;
      }
      int slot = row * features.width() + view.slot();
      if (hasKey) {
        view.plan()
            .readColumns(
                scratch.blank(i), momentMs, block.numbers, block.others, block.status, slot);
      } else {
        int end = slot + view.plan().size();
        Arrays.fill(block.numbers, slot, end, Double.NaN);
        Arrays.fill(block.status, slot, end, MISSING);
      }
    }
  }
}
