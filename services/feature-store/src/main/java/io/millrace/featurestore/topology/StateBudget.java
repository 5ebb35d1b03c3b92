// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory for what the tasks of this process keep between commits: states of entities and writes
 * under way. It is shared evenly among the tasks that are open. Thread-safe.
 */
public final class StateBudget {
  private static final long SHARE_MIN = 256 * 1024;

  private final long bytes;
  private final AtomicInteger shares = new AtomicInteger();

  /**
   * @param bytes of all tasks together, at least 1
   */
  public StateBudget(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a budget is at least 1 byte, not " + bytes);
    }
    this.bytes = bytes;
  }

  /** A task's share; it counts until it is closed. */
  Share open() {
    shares.incrementAndGet();
    return new Share();
  }

  /** What one task may use. */
  final class Share {
    private boolean open = true;

    /** Bytes of states; the greater part of the share. */
    long states() {
      return total() - writes();
    }

    /** Bytes of writes that wait or are under way. */
    long writes() {
      return total() / 4;
    }

    private long total() {
      return Math.max(SHARE_MIN, bytes / Math.max(1, shares.get()));
    }

    void close() {
      if (open) {
        open = false;
        shares.decrementAndGet();
      }
    }
  }
}
