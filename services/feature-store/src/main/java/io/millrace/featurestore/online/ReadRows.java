// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.featurestore.view.FeatureSet;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Rows of numbers that were decoded and finalised by earlier reads. A row is used again where the
 * online store gives the very bytes that it was read from, at a moment at which these bytes read
 * the same; so every value is the one that decoding would give. Thread-safe.
 *
 * <p>The rows read last are kept, in two halves: when the younger one is full it becomes the older
 * one, and the older one is dropped. A row that is found in the older one moves to the younger one.
 */
final class ReadRows {
  /** Of a row, beside its values: objects, references, key, the record's header. */
  private static final int OVERHEAD_BYTES = 200;

  private final long halfBytesMax;
  private final AtomicLong youngerBytes = new AtomicLong();
  private volatile Map<Key, Row> younger = new ConcurrentHashMap<>();
  private volatile Map<Key, Row> older = Map.of();

  /**
   * @param bytesMax about how much memory the rows may take; 0 keeps none
   */
  ReadRows(long bytesMax) {
    this.halfBytesMax = bytesMax / 2;
  }

  private record Key(FeatureSet features, int group, String key) {}

  /**
   * A row of one group.
   *
   * @param record the bytes in the online store
   * @param fromMs first moment at which they read so
   * @param untilMs first moment at which they may read otherwise
   * @param seq of the record
   * @param lastEventTimeMs of the record
   * @param status null where all are present
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared, and not given away.
  record Row(
      byte[] record,
      long fromMs,
      long untilMs,
      long seq,
      long lastEventTimeMs,
      double[] numbers,
      byte @Nullable [] status) {
    private long bytes() {
      return OVERHEAD_BYTES
          + record.length
          + 8L * numbers.length
          + (status == null ? 0 : status.length);
    }

    private boolean isOf(byte[] bytes, long momentMs) {
      return momentMs >= fromMs && momentMs < untilMs && Arrays.equals(record, bytes);
    }
  }

  /** The row that decoding these bytes at that moment would give; null where it is not known. */
  @Nullable Row find(FeatureSet features, int group, String key, byte[] record, long momentMs) {
    Key of = new Key(features, group, key);
    Row row = younger.get(of);
    if (row != null) {
      return row.isOf(record, momentMs) ? row : null;
    }
    row = older.get(of);
    if (row == null || !row.isOf(record, momentMs)) {
      return null;
    }
    put(of, row);
    return row;
  }

  /** Whether rows are kept at all. */
  boolean isKeeping() {
    return halfBytesMax > 0;
  }

  /** Keeps a row for later reads. */
  void keep(FeatureSet features, int group, String key, Row row) {
    if (row.bytes() <= halfBytesMax) {
      put(new Key(features, group, key), row);
    }
  }

  private void put(Key key, Row row) {
    Row before = younger.put(key, row);
    long more = row.bytes() - (before == null ? 0 : before.bytes());
    if (youngerBytes.addAndGet(more) > halfBytesMax) {
      turn();
    }
  }

  private synchronized void turn() {
    if (youngerBytes.get() > halfBytesMax) {
      older = younger;
      younger = new ConcurrentHashMap<>();
      youngerBytes.set(0);
    }
  }

  /** Rows that are kept. */
  int size() {
    return younger.size() + older.size();
  }
}
