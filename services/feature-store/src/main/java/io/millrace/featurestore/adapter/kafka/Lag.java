// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far a consumer group is behind, as far as the broker says so. A broker whose coordinator of
 * the group hangs answers nothing: what it said before is no figure of now, and not a zero.
 * Thread-safe.
 */
final class Lag {
  /** Measured each half second or so; one that fails takes as long as its timeouts. */
  private static final Duration VALID = Duration.ofSeconds(30);

  private record Measured(long records, long nanos) {}

  private final LongSupplier nanoTime;
  private volatile @Nullable Measured last;
  private volatile @Nullable String failure;

  /**
   * @param nanoTime like {@link System#nanoTime}
   */
  Lag(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  void measured(long records) {
    last = new Measured(records, nanoTime.getAsLong());
    failure = null;
  }

  void failed(Throwable cause) {
    failure = cause.toString();
  }

  /** Records that are not committed; empty where nobody has said in the last half minute. */
  OptionalLong records() {
    Measured measured = last;
    return measured != null && nanoTime.getAsLong() - measured.nanos <= VALID.toNanos()
        ? OptionalLong.of(measured.records)
        : OptionalLong.empty();
  }

  /** Why nothing is known; null where it is, or was not asked yet. */
  @Nullable String failure() {
    return records().isPresent() ? null : failure;
  }
}
