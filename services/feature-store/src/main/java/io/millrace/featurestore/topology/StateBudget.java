// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory for what the tasks of this process keep between commits: states of entities and writes
 * under way. It is shared evenly among the tasks that are open. Thread-safe.
 */
public final class StateBudget {
  private static final long SHARE_MIN = 256 * 1024;

  /** Of all tasks to the online store, per second: a hot key is written less often, not late. */
  private static final long BANDWIDTH = 32L * 1024 * 1024;

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

    /**
     * Bytes of events whose writes wait or are under way. The more they may be, the more events of
     * a key share a write; when they are sent, drivers hold them once more.
     */
    long writes() {
      return total() / 4;
    }

    /** Bytes per second that this task may send to the online store, on average. */
    double bandwidth() {
      return (double) BANDWIDTH / Math.max(1, shares.get());
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
