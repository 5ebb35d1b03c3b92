// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counters and stream time of one task, kept in its store and so exactly as far as its last commit.
 * Not thread-safe.
 */
final class Tallies {
  private static final byte[] KEY = {'t'};

  private final TaskStore store;
  private final Map<String, Long> counts = new TreeMap<>();
  private long streamTimeMs = Long.MIN_VALUE;
  private long knownAtMs = Long.MIN_VALUE;
  private boolean changed;

  Tallies(TaskStore store) {
    this.store = store;
    byte[] bytes = store.get(KEY);
    if (bytes != null) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      streamTimeMs = in.getLong();
      knownAtMs = in.getLong();
      while (in.hasRemaining()) {
        byte[] name = new byte[in.getInt()];
        in.get(name);
        counts.put(new String(name, StandardCharsets.UTF_8), in.getLong());
      }
    }
  }

  /** Takes notice of an event; true where it moved stream time. */
  boolean advance(long eventTimeMs, long eventKnownAtMs) {
    knownAtMs = Math.max(knownAtMs, eventKnownAtMs);
    changed = true;
    if (eventTimeMs <= streamTimeMs) {
      return false;
    }
    streamTimeMs = eventTimeMs;
    return true;
  }

  void count(String name, long times) {
    if (times != 0) {
      counts.merge(name, times, Long::sum);
      changed = true;
    }
  }

  /** Sets what is no sum but how many there are now. */
  void set(String name, long number) {
    if (counts.getOrDefault(name, 0L) != number) {
      counts.put(name, number);
      changed = true;
    }
  }

  /** Has the next {@link #save} write, also if nothing changed. */
  void touch() {
    changed = true;
  }

  /** Greatest event time seen; {@link Long#MIN_VALUE} before any. */
  long streamTimeMs() {
    return streamTimeMs;
  }

  /** Greatest known-at time seen. */
  long knownAtMs() {
    return knownAtMs;
  }

  Map<String, Long> counts() {
    return counts;
  }

  /** Writes what changed into the store. */
  void save() {
    if (!changed) {
      return;
    }
    int size = 2 * Long.BYTES;
    for (String name : counts.keySet()) {
      size += Integer.BYTES + name.getBytes(StandardCharsets.UTF_8).length + Long.BYTES;
    }
    ByteBuffer out = ByteBuffer.allocate(size).putLong(streamTimeMs).putLong(knownAtMs);
    counts.forEach(
        (name, count) -> {
          byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
          out.putInt(utf8.length).put(utf8).putLong(count);
        });
    store.put(KEY, out.array());
    changed = false;
  }
}
