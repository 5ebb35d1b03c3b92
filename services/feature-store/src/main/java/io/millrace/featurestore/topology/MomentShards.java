// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Into which shard of its hour a task writes its next moment, so that no partition of the moment
 * store grows without bound however many moments an hour has.
 *
 * <p>An hour moves on to the next shard at a commit only, and with it. So a moment that is written
 * again, after a transaction that came to nothing, goes to the same shard and replaces itself. All
 * tasks begin with shard 0: a quiet hour has one partition. Not thread-safe.
 */
final class MomentShards {
  /** Moments of one task and hour in a shard, beyond which the next commit moves on. */
  static final int MOMENTS = 25_000;

  private static final byte PREFIX = 'h';
  private static final long HOUR_MS = 3_600_000;
  private static final int HOURS_IN_MEMORY = 4_096;

  private final CommitStore store;
  private final int moments;
  private final Map<Long, Hour> hours = new LinkedHashMap<>();

  private static final class Hour {
    private int shard;
    private int count;
    private boolean changed;
  }

  /**
   * Shards that are kept in a task's store.
   *
   * @param moments how many one takes, at least 1
   */
  MomentShards(CommitStore store, int moments) {
    this.store = store;
    this.moments = moments;
  }

  /** The shard of a moment that is about to be written, from 0; counts it. */
  int next(long momentMs) {
    Hour hour = hours.computeIfAbsent(Math.floorDiv(momentMs, HOUR_MS), this::read);
    hour.count++;
    hour.changed = true;
    return hour.shard;
  }

  private Hour read(long number) {
    Hour hour = new Hour();
    byte[] bytes = store.get(key(number));
    if (bytes != null) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      hour.shard = in.getInt();
      hour.count = in.getInt();
    }
    return hour;
  }

  /** Writes what changed into the store, and moves full hours on; call it before each commit. */
  void save() {
    hours.forEach(
        (number, hour) -> {
          if (!hour.changed) {
            return;
          }
          if (hour.count >= moments) {
            hour.shard++;
            hour.count = 0;
          }
          store.put(
              key(number),
              ByteBuffer.allocate(2 * Integer.BYTES).putInt(hour.shard).putInt(hour.count).array());
          hour.changed = false;
        });
    if (hours.size() > HOURS_IN_MEMORY) {
      hours.clear();
    }
  }

  private static byte[] key(long hour) {
    return ByteBuffer.allocate(1 + Long.BYTES).put(PREFIX).putLong(hour).array();
  }
}
