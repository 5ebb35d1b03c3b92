// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.nio.ByteBuffer;

/**
 * Stream time of one source partition, kept in a store of its task.
 *
 * <p>It must never be ahead of the committed offset. Where commits are not atomic, what is saved
 * before a commit stays where the commit then fails; the records come again, and those out of order
 * would be late this time and missing from every state. So beside what is saved before a commit
 * stands what was saved before the last one, each with the offset up to which it goes, and the
 * first record tells which of the two holds. Not thread-safe.
 */
final class StreamClock {
  private static final byte[] KEY = {'c'};
  private static final As NOTHING = new As(-1, Long.MIN_VALUE);

  private final TaskStore store;

  /** As of the last commit. */
  private As committed;

  private As saved;
  private long offset;
  private long timeMs;
  private boolean begun;
  private boolean changed;

  /** The stream time when all records up to an offset were read, that one among them. */
  private record As(long offset, long timeMs) {}

  StreamClock(TaskStore store) {
    this.store = store;
    byte[] bytes = store.get(KEY);
    ByteBuffer in = bytes == null ? null : ByteBuffer.wrap(bytes);
    committed = in == null ? NOTHING : new As(in.getLong(), in.getLong());
    saved = in == null ? NOTHING : new As(in.getLong(), in.getLong());
    offset = saved.offset();
    timeMs = saved.timeMs();
  }

  /** Takes notice of the next record, before anything is asked about it. */
  void at(long recordOffset) {
    if (!begun) {
      begun = true;
      if (recordOffset <= saved.offset()) {
        saved = committed;
        timeMs = committed.timeMs();
      }
    }
    offset = recordOffset;
    changed = true;
  }

  /** Moves stream time on, never back. */
  void advance(long eventTimeMs) {
    timeMs = Math.max(timeMs, eventTimeMs);
  }

  /** Greatest event time so far; {@link Long#MIN_VALUE} before any. */
  long timeMs() {
    return timeMs;
  }

  /** Writes what changed; to be called before each commit, of which all before have succeeded. */
  void save() {
    if (!changed) {
      return;
    }
    committed = saved;
    saved = new As(offset, timeMs);
    store.put(
        KEY,
        ByteBuffer.allocate(4 * Long.BYTES)
            .putLong(committed.offset())
            .putLong(committed.timeMs())
            .putLong(saved.offset())
            .putLong(saved.timeMs())
            .array());
    changed = false;
  }
}
