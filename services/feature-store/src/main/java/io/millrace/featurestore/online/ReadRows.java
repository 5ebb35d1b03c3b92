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
 * online store has the very bytes that it was read from, at a moment at which these bytes read the
 * same; so every value is the one that decoding would give. Thread-safe.
 *
 * <p>The rows read last are kept, in two halves: when the younger one is full it becomes the older
 * one, and the older one is dropped. A row that is found in the older one moves to the younger one.
 */
final class ReadRows {
  /** Of a row, beside its values: objects, references, key, the record's header. */
  private static final int OVERHEAD_BYTES = 200;

  /** Of a feature set that rows are of, for each of its columns: it lives as long as they do. */
  private static final int COLUMN_BYTES = 200;

  private final long halfBytesMax;
  private volatile Half younger = new Half();
  private volatile Half older = new Half();

  /**
   * @param bytesMax about how much memory the rows may take; 0 keeps none
   */
  ReadRows(long bytesMax) {
    this.halfBytesMax = bytesMax / 2;
  }

  /** The rows of one of the two halves. */
  private static final class Half {
    private final Map<Of, Map<String, Row>> rows = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();

    /** Those of a group of a feature set; not to be put into. */
    Map<String, Row> of(Of of) {
      return rows.getOrDefault(of, Map.of());
    }

    /** Puts a row; returns how many bytes there are then. */
    long put(Of of, String key, Row row) {
      long more = row.bytes();
      Map<String, Row> table = rows.get(of);
      if (table == null) {
        table = rows.computeIfAbsent(of, absent -> new ConcurrentHashMap<>());
        more += COLUMN_BYTES * (long) of.features().width();
      }
      Row before = table.put(key, row);
      return bytes.addAndGet(more - (before == null ? 0 : before.bytes()));
    }

    int size() {
      return rows.values().stream().mapToInt(Map::size).sum();
    }
  }

  private record Of(FeatureSet features, int group) {}

  /**
   * A row of one group.
   *
   * @param record the bytes in the online store
   * @param stored tells whether they still are there; null where the store would have to be asked
   * @param fromMs first moment at which they read so
   * @param untilMs first moment at which they may read otherwise
   * @param seq of the record
   * @param lastEventTimeMs of the record
   * @param status null where all are present
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared, and not given away.
  record Row(
      byte[] record,
      @Nullable StoredValue stored,
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

    private boolean isAt(long momentMs) {
      return momentMs >= fromMs && momentMs < untilMs;
    }

    /** Whether a read at that moment would give this row, as is known without the store. */
    boolean isCurrent(long momentMs) {
      return isAt(momentMs) && stored != null && stored.isCurrent();
    }

    /** Whether it is what decoding these bytes at that moment would give. */
    boolean isOf(byte[] bytes, long momentMs) {
      return isAt(momentMs) && Arrays.equals(record, bytes);
    }

    /** The same row of the same bytes, as they lie at hand. */
    Row at(StoredValue value) {
      return new Row(value.bytes(), value, fromMs, untilMs, seq, lastEventTimeMs, numbers, status);
    }
  }

  /** The rows of a group of a feature set, for the time of a read. */
  Table of(FeatureSet features, int group) {
    return new Table(new Of(features, group));
  }

  /** The rows of a group of a feature set. */
  final class Table {
    private final Of of;
    private final Map<String, Row> young;
    private final Map<String, Row> old;

    private Table(Of of) {
      this.of = of;
      this.young = younger.of(of);
      this.old = older.of(of);
    }

    /** The row of a key, whatever it is of; null where none is kept. */
    @Nullable Row find(String key) {
      Row row = young.get(key);
      if (row == null) {
        row = old.get(key);
        if (row != null) {
          put(of, key, row);
        }
      }
      return row;
    }

    /** Keeps a row for later reads. */
    void keep(String key, Row row) {
      if (row.bytes() <= halfBytesMax) {
        put(of, key, row);
      }
    }
  }

  /** Whether rows are kept at all. */
  boolean isKeeping() {
    return halfBytesMax > 0;
  }

  private void put(Of of, String key, Row row) {
    Half half = younger;
    if (half.put(of, key, row) > halfBytesMax) {
      turn(half);
    }
  }

  private synchronized void turn(Half full) {
    if (younger == full) {
      older = full;
      younger = new Half();
    }
  }

  /** Rows that are kept. */
  int size() {
    return younger.size() + older.size();
  }
}
