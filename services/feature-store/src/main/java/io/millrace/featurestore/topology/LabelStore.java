// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * The moments, positive events and deadlines of a label join: a store with, before it, all entries
 * of the join keys used last. What changes is written once per commit, so that an entry which comes
 * and goes between two commits costs nothing.
 *
 * <p>Entries live for a window and are then deleted, and in RocksDB a range scan has to step over
 * each entry that was deleted in it. So a join key is scanned once, when it comes into memory, and
 * deadlines only from where the last sweep ended. Not thread-safe.
 */
final class LabelStore {
  /** Entries in memory, about 300 bytes each. */
  static final int ENTRIES_MAX = 40_000;

  private static final byte[] PRESENT = {};

  private final CommitStore store;
  private final int entriesMax;

  /** By join key, in order of access. */
  private final LinkedHashMap<Bytes, Joined> cache = new LinkedHashMap<>(1024, 0.75f, true);

  private final Set<Bytes> changedKeys = new HashSet<>();
  private int cachedEntries;

  /** Deadlines that were set (true) or removed (false) since the last commit. */
  private final NavigableMap<Bytes, Boolean> changedDeadlines = new TreeMap<>();

  /** Those of the set ones that the store does not have. */
  private final Set<Bytes> freshDeadlines = new HashSet<>();

  /** No deadline is earlier than this. */
  private long earliestMs = Long.MIN_VALUE;

  /** Everything of one join key. */
  private static final class Joined {
    private final NavigableMap<Bytes, byte[]> entries = new TreeMap<>();
    private final Set<Bytes> changed = new HashSet<>();

    /** Those of the changed that the store does not have. */
    private final Set<Bytes> fresh = new HashSet<>();

    private int weight() {
      return entries.size() + 1;
    }
  }

  LabelStore(CommitStore store, int entriesMax) {
    this.store = store;
    this.entriesMax = entriesMax;
  }

  byte @Nullable [] get(byte[] key) {
    return joined(key).entries.get(Bytes.wrap(key));
  }

  void put(byte[] key, byte[] value) {
    Joined joined = joined(key);
    Bytes wrapped = Bytes.wrap(key);
    if (joined.entries.put(wrapped, value) == null) {
      cachedEntries++;
      if (!joined.changed.contains(wrapped)) {
        joined.fresh.add(wrapped);
      }
    }
    changed(joined, wrapped);
  }

  void delete(byte[] key) {
    Joined joined = joined(key);
    Bytes wrapped = Bytes.wrap(key);
    if (joined.entries.remove(wrapped) == null) {
      return;
    }
    cachedEntries--;
    if (joined.fresh.remove(wrapped)) {
      joined.changed.remove(wrapped);
    } else {
      changed(joined, wrapped);
    }
  }

  private void changed(Joined joined, Bytes key) {
    joined.changed.add(key);
    changedKeys.add(Bytes.wrap(LabelKeys.joinPrefix(key.get())));
  }

  /** Entries of one join key between two keys, both inclusive; a snapshot. */
  List<Map.Entry<Bytes, byte[]>> range(byte[] from, byte[] to) {
    return new ArrayList<>(
        joined(from).entries.subMap(Bytes.wrap(from), true, Bytes.wrap(to), true).entrySet());
  }

  private Joined joined(byte[] key) {
    Bytes prefix = Bytes.wrap(LabelKeys.joinPrefix(key));
    Joined known = cache.get(prefix);
    if (known != null) {
      return known;
    }
    Joined read = new Joined();
    try (KeyValueIterator<Bytes, byte[]> found =
        store.range(prefix.get(), LabelKeys.endOf(prefix.get()))) {
      found.forEachRemaining(entry -> read.entries.put(entry.key, entry.value));
    }
    cache.put(prefix, read);
    cachedEntries += read.weight();
    evict();
    return read;
  }

  /** The key used last stays, however large it is. */
  private void evict() {
    Iterator<Map.Entry<Bytes, Joined>> oldest = cache.entrySet().iterator();
    while (cachedEntries > entriesMax && cache.size() > 1) {
      Map.Entry<Bytes, Joined> entry = oldest.next();
      if (changedKeys.remove(entry.getKey())) {
        List<KeyValue<Bytes, byte[]>> writes = new ArrayList<>();
        collect(entry.getValue(), writes);
        store.putAll(writes);
      }
      cachedEntries -= entry.getValue().weight();
      oldest.remove();
    }
  }

  private static void collect(Joined joined, List<KeyValue<Bytes, byte[]>> writes) {
    joined.changed.forEach(key -> writes.add(KeyValue.pair(key, joined.entries.get(key))));
    joined.changed.clear();
    joined.fresh.clear();
  }

  /** Has an entry come up in {@link #due}. A deadline is not set again before it is removed. */
  void setDeadline(long timeMs, byte[] entry) {
    Bytes key = Bytes.wrap(LabelKeys.deadline(timeMs, entry));
    if (changedDeadlines.put(key, true) == null) {
      freshDeadlines.add(key);
    }
    earliestMs = Math.min(earliestMs, timeMs);
  }

  void removeDeadline(long timeMs, byte[] entry) {
    removeDeadline(Bytes.wrap(LabelKeys.deadline(timeMs, entry)));
  }

  private void removeDeadline(Bytes key) {
    if (freshDeadlines.remove(key)) {
      changedDeadlines.remove(key);
    } else {
      changedDeadlines.put(key, false);
    }
  }

  /**
   * Takes the deadlines before a time, in order of time: they are removed, the entries are not.
   *
   * @return the entries; fewer than {@code most} where there are no more
   */
  List<byte[]> due(long beforeMs, int most) {
    if (earliestMs >= beforeMs) {
      return List.of();
    }
    byte[] from = LabelKeys.deadlinesFrom(earliestMs);
    byte[] to = LabelKeys.deadlinesFrom(beforeMs);
    TreeSet<Bytes> found = new TreeSet<>();
    try (KeyValueIterator<Bytes, byte[]> stored = store.range(from, to)) {
      while (stored.hasNext() && found.size() < most) {
        Bytes key = stored.next().key;
        if (changedDeadlines.getOrDefault(key, true)) {
          found.add(key);
        }
      }
    }
    changedDeadlines
        .subMap(Bytes.wrap(from), Bytes.wrap(to))
        .forEach(
            (key, present) -> {
              if (present) {
                found.add(key);
              }
            });
    List<byte[]> entries = new ArrayList<>();
    for (Bytes key : found) {
      if (entries.size() == most) {
        return entries;
      }
      removeDeadline(key);
      entries.add(LabelKeys.entryOf(key.get()));
    }
    if (entries.size() < most) {
      earliestMs = beforeMs;
    }
    return entries;
  }

  /** Writes what changed; call it before each commit. */
  void save() {
    List<KeyValue<Bytes, byte[]>> writes = new ArrayList<>();
    for (Bytes key : changedKeys) {
      Joined joined = cache.get(key);
      if (joined != null) {
        collect(joined, writes);
      }
    }
    changedKeys.clear();
    changedDeadlines.forEach(
        (key, present) -> writes.add(KeyValue.pair(key, present ? PRESENT : null)));
    changedDeadlines.clear();
    freshDeadlines.clear();
    store.putAll(writes);
    evict();
  }
}
