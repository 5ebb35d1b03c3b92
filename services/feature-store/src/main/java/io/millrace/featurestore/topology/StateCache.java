// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.features.view.ByteWriter;
import io.millrace.featurestore.online.OnlineRecord;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.GroupState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * States of a group's entities as objects, in front of their store: changed ones are written there
 * once per commit, or earlier where they have to make room. It is bounded by what the states are
 * estimated to take, since an entity may have ten features or thousands. Not thread-safe.
 */
final class StateCache {
  /** Leaves room for others at once, so that not every new key evicts. */
  private static final double EVICT_TO = 0.9;

  /** Bytes of a state from which on it is dear to encode and to send for every event. */
  private static final int HEAVY_BYTES = 64 * 1024;

  private final FeatureGroup group;
  private final TaskStore store;
  private final LargeStates large;
  private final StateBudget.Share share;

  /**
   * In the order in which they came, or came off with {@link Entry#used}: to move an entry at each
   * access would touch its neighbours, which a busy task does not find in the processor's cache.
   */
  private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(1024);

  /** What has to be in the store before the states. */
  private final Runnable first;

  private final ByteWriter writer = new ByteWriter();
  private List<String> changed = new ArrayList<>();
  private long bytes;

  /** What is at hand of one key, so that an event looks it up once. */
  static final class Entry {
    private final String key;
    private final GroupState state;
    private byte @Nullable [] encoded;
    private long encodedSeq;
    private boolean changed;
    private boolean used;
    private boolean queued;
    private long bytes;

    /** How it lies in the store; null where it is one record or none. */
    private LargeStates.@Nullable Layout layout;

    /** Bytes that it took when it was last read or written. */
    private int storedBytes;

    private Entry(String key, GroupState state) {
      this.key = key;
      this.state = state;
    }

    GroupState state() {
      return state;
    }

    /** Whether it is too large to be sent for every event. */
    boolean isHeavy() {
      return storedBytes > HEAVY_BYTES;
    }

    /** True at the first call since the state was last encoded for somebody. */
    boolean queue() {
      boolean first = !queued;
      queued = true;
      return first;
    }
  }

  /**
   * @param large how states lie in the store that are too large for one record
   * @param first writes what has to be in the store before any state that is written
   */
  StateCache(
      FeatureGroup group,
      TaskStore store,
      LargeStates large,
      StateBudget.Share share,
      Runnable first) {
    this.large = large;
    this.first = first;
    this.group = group;
    this.store = store;
    this.share = share;
  }

  /** What is at hand of a key whose state the caller is about to change. */
  Entry change(String key) {
    Entry entry = entry(key);
    entry.used = true;
    if (!entry.changed) {
      entry.changed = true;
      changed.add(key);
    }
    return entry;
  }

  private Entry entry(String key) {
    Entry entry = entries.get(key);
    if (entry == null) {
      entry = read(key);
      entries.put(key, entry);
      bytes += entry.bytes;
      if (bytes > share.states()) {
        evict(key);
      }
    }
    return entry;
  }

  private Entry read(String key) {
    byte[] stored = store.get(StateKeys.record(key));
    Entry entry;
    if (stored == null) {
      entry = new Entry(key, group.newState());
    } else if (OnlineRecord.isRecord(stored)) {
      entry = new Entry(key, large.decode(stored));
      entry.storedBytes = stored.length;
    } else {
      LargeStates.Loaded loaded = large.load(key, stored);
      entry = new Entry(key, loaded.state());
      entry.layout = loaded.layout();
      entry.storedBytes = loaded.bytes();
    }
    entry.bytes = group.heapBytes(entry.storedBytes);
    return entry;
  }

  /**
   * The state of a key as it goes into the online store and into this one: the same array until the
   * state changes or is stored.
   */
  byte[] encoded(String key) {
    Entry entry = entry(key);
    entry.queued = false;
    return encoded(entry);
  }

  private byte[] encoded(Entry entry) {
    GroupState state = entry.state;
    byte[] encoded = entry.encoded;
    if (encoded == null || entry.encodedSeq != state.seq()) {
      encoded =
          OnlineRecord.encode(
              state.seq(), state.lastEventTimeMs(), group.encodeBlocks(state, writer));
      entry.encoded = encoded;
      entry.encodedSeq = state.seq();
    }
    return encoded;
  }

  private void evict(String spared) {
    first.run();
    long target = (long) (share.states() * EVICT_TO);
    // Once round: what was used since the last time is spared, then nothing is.
    long most = 2L * entries.size();
    for (long i = 0; i < most && bytes > target && entries.size() > 1; i++) {
      Entry oldest = entries.firstEntry().getValue();
      entries.remove(oldest.key);
      if (oldest.used || oldest.key.equals(spared)) {
        oldest.used = false;
        entries.put(oldest.key, oldest);
      } else {
        if (oldest.changed) {
          write(oldest);
        }
        bytes -= oldest.bytes;
      }
    }
  }

  /** Writes what changed since the last call. */
  void store() {
    first.run();
    for (String key : changed) {
      Entry entry = entries.get(key);
      // One that had to make room has been written then.
      if (entry != null && entry.changed) {
        write(entry);
      }
    }
    changed = new ArrayList<>();
  }

  private void write(Entry entry) {
    byte[] encoded = encoded(entry);
    if (entry.layout == null && large.isWhole(encoded.length)) {
      store.put(StateKeys.record(entry.key), encoded);
    } else {
      entry.layout = large.write(entry.key, entry.state, encoded, entry.layout);
    }
    entry.changed = false;
    entry.encoded = null;
    entry.storedBytes = encoded.length;
    long now = group.heapBytes(encoded.length);
    bytes += now - entry.bytes;
    entry.bytes = now;
  }

  /** Estimate of what is kept here. */
  long bytes() {
    return bytes;
  }
}
