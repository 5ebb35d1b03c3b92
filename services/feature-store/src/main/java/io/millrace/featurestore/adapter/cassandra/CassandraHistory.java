// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.millrace.common.serde.EventSerde;
import io.millrace.features.pit.KnownEvent;
import io.millrace.featurestore.history.HistoricEvent;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.HistoryRun;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.history.Packing;
import io.millrace.featurestore.history.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Histories in partitions of {@value HistoryStore#BUCKET_ROWS} sequence numbers, a row for each
 * run. Its size is part of its key: who writes the same events again may cut them in another way,
 * and a run never takes the place of one that holds more. Thread-safe.
 */
public final class CassandraHistory implements HistoryStore {
  private static final long HOUR_MS = 3_600_000;
  private static final int DELETES_AT_ONCE = 256;

  /** Of an hour of late events, by id: a day that is sent again later is late as a whole. */
  private static final int LATE_SHARDS = 64;

  /** Cassandra warns of batches of 5 KiB, and of those over more than ten partitions. */
  private static final int BATCH_BYTES = 4 * 1024;

  private static final int BATCH_PARTITIONS = 10;

  /** What a row takes in a request beyond its data and its key, about. */
  private static final int ROW_BYTES = 80;

  /** Where a sample of keys looks, and how many partitions from there. */
  private static final int SAMPLE_PLACES = 16;

  private static final int SAMPLE_PARTITIONS = 1000;

  private final BoundedSession session;
  private final Packing packing;
  private final PreparedStatement insert;
  private final PreparedStatement insertLate;
  private final PreparedStatement select;
  private final PreparedStatement selectPartitions;
  private final PreparedStatement selectFrom;
  private final PreparedStatement deletePartition;
  private final PreparedStatement selectLatePartitions;
  private final PreparedStatement deleteLatePartition;

  /**
   * Prepares its statements; the tables must exist.
   *
   * @param packing of runs
   */
  public CassandraHistory(CqlSession cql, Packing packing) {
    this.packing = packing;
    session = new BoundedSession(cql);
    insert =
        session.prepare(
            "INSERT INTO millrace.history_runs (app, event, entity, lineage, key, bucket, seq,"
                + " size, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insertLate =
        session.prepare(
            "INSERT INTO millrace.late_events (app, event, entity, hour, shard, event_time, id,"
                + " key, known_at, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    select =
        session.prepare(
            "SELECT seq, data FROM millrace.history_runs WHERE app = ? AND"
                + " event = ? AND entity = ? AND lineage = ? AND key = ? AND bucket = ? AND seq >"
                + " ?");
    selectPartitions =
        session.prepare(
            "SELECT DISTINCT app, event, entity, lineage, key, bucket FROM millrace.history_runs");
    selectFrom =
        session.prepare(
            "SELECT DISTINCT app, event, entity, lineage, key, bucket FROM millrace.history_runs"
                + " WHERE token(app, event, entity, lineage, key, bucket) >= ? LIMIT "
                + SAMPLE_PARTITIONS);
    deletePartition =
        session.prepare(
            "DELETE FROM millrace.history_runs WHERE app = ? AND event = ? AND entity = ? AND"
                + " lineage = ? AND key = ? AND bucket = ?");
    selectLatePartitions =
        session.prepare(
            "SELECT DISTINCT app, event, entity, hour, shard FROM millrace.late_events");
    deleteLatePartition =
        session.prepare(
            "DELETE FROM millrace.late_events WHERE app = ? AND event = ? AND entity = ? AND"
                + " hour = ? AND shard = ?");
  }

  private static int bucket(long seq) {
    return Math.toIntExact((seq - 1) / BUCKET_ROWS);
  }

  @Override
  public CompletionStage<Void> append(HistoryKey key, HistoryRun run) {
    return session.write(insert(key, run, run.pack(packing)));
  }

  private BoundStatement insert(HistoryKey key, HistoryRun run, ByteBuffer packed) {
    return insert.bind(
        key.app(),
        key.event(),
        key.entity(),
        key.lineage(),
        key.key(),
        bucket(run.firstSeq()),
        run.firstSeq(),
        run.size(),
        packed);
  }

  /** A few short runs to a request: a request costs more than a row. */
  @Override
  public CompletionStage<Void> append(List<Addition> additions) {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    List<BoundStatement> together = new ArrayList<>(BATCH_PARTITIONS);
    int bytes = 0;
    for (Addition each : additions) {
      ByteBuffer packed = each.run().pack(packing);
      int size = ROW_BYTES + each.key().key().length() + packed.remaining();
      if (together.size() == BATCH_PARTITIONS || bytes + size > BATCH_BYTES) {
        write(together, sent);
        together.clear();
        bytes = 0;
      }
      together.add(insert(each.key(), each.run(), packed));
      bytes += size;
    }
    write(together, sent);
    return CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new));
  }

  private void write(List<BoundStatement> together, List<CompletableFuture<Void>> sent) {
    if (!together.isEmpty()) {
      sent.add(session.write(Batches.together(together)).toCompletableFuture());
    }
  }

  @Override
  public CompletionStage<Void> appendLate(HistoryKey key, HistoryRow row) {
    return session.write(
        insertLate.bind(
            key.app(),
            key.event(),
            key.entity(),
            Math.floorDiv(row.eventTimeMs(), HOUR_MS),
            Math.floorMod(row.id().hashCode(), LATE_SHARDS),
            row.eventTimeMs(),
            row.id(),
            key.key(),
            row.knownAtMs(),
            ByteBuffer.wrap(row.data())));
  }

  @Override
  public void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader) {
    try {
      Contiguous rows = new Contiguous(packing, afterSeq, reader);
      for (int bucket = bucket(afterSeq + 1); ; bucket++) {
        for (Row row :
            session.query(
                select.bind(
                    key.app(),
                    key.event(),
                    key.entity(),
                    key.lineage(),
                    key.key(),
                    bucket,
                    afterSeq - HistoryRun.ROWS_MAX))) {
          if (!rows.read(row)) {
            return;
          }
        }
        if (rows.lastSeq < (bucket + 1L) * BUCKET_ROWS) {
          return;
        }
      }
    } catch (DriverException e) {
      throw new StoreUnavailableException("Cassandra: " + e.getMessage(), e);
    }
  }

  /** Hands on each row once and in sequence, and stops before a row that is not there yet. */
  private static final class Contiguous {
    private final Packing packing;
    private final Predicate<HistoricEvent> reader;
    private long lastSeq;

    Contiguous(Packing packing, long lastSeq, Predicate<HistoricEvent> reader) {
      this.packing = packing;
      this.lastSeq = lastSeq;
      this.reader = reader;
    }

    boolean read(Row row) {
      ByteBuffer data = Objects.requireNonNull(row.getByteBuffer(1));
      return HistoryRun.read(row.getLong(0), packing.unpack(data), this::next);
    }

    private boolean next(HistoryRow row) {
      if (row.seq() <= lastSeq) {
        return true;
      }
      if (row.seq() > lastSeq + 1) {
        return false;
      }
      lastSeq = row.seq();
      return reader.test(
          new HistoricEvent(
              row.seq(),
              new KnownEvent(
                  row.eventTimeMs(), row.knownAtMs(), row.id(), EventSerde.readData(row.data()))));
    }
  }

  private static String text(Row row, int column) {
    return Objects.requireNonNull(row.getString(column));
  }

  static byte[] bytes(Row row, int column) {
    ByteBuffer buffer = Objects.requireNonNull(row.getByteBuffer(column));
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  @Override
  public List<String> someKeys(HistoryKey like, int max) {
    Set<String> keys = new LinkedHashSet<>();
    for (int place = 0; place < SAMPLE_PLACES && keys.size() < max; place++) {
      // Evenly spread starts of the ring of tokens; from each a bounded number of partitions.
      long token = Long.MIN_VALUE + place * (Long.MAX_VALUE / (SAMPLE_PLACES / 2));
      int quota = Math.max(1, max * (place + 1) / SAMPLE_PLACES);
      for (Row row : session.query(selectFrom.bind(token))) {
        if (keys.size() < quota
            && row.getInt(5) == 0
            && like.app().equals(row.getString(0))
            && like.event().equals(row.getString(1))
            && like.entity().equals(row.getString(2))
            && like.lineage().equals(row.getString(3))) {
          keys.add(text(row, 4));
        }
      }
    }
    return List.copyOf(keys);
  }

  @Override
  public void deleteLineage(String app, String lineage) {
    deleteHistories(row -> app.equals(row.getString(0)) && lineage.equals(row.getString(3)));
  }

  @Override
  public void deleteAll(String app) {
    deleteHistories(row -> app.equals(row.getString(0)));
    deleteEach(
        selectLatePartitions,
        row -> app.equals(row.getString(0)),
        row ->
            deleteLatePartition.bind(
                text(row, 0), text(row, 1), text(row, 2), row.getLong(3), row.getInt(4)));
  }

  private void deleteHistories(Predicate<Row> which) {
    deleteEach(
        selectPartitions,
        which,
        row ->
            deletePartition.bind(
                text(row, 0),
                text(row, 1),
                text(row, 2),
                text(row, 3),
                text(row, 4),
                row.getInt(5)));
  }

  private void deleteEach(
      PreparedStatement partitions, Predicate<Row> which, Function<Row, BoundStatement> delete) {
    List<CompletableFuture<Void>> pending = new ArrayList<>();
    for (Row row : session.query(partitions.bind())) {
      if (!which.test(row)) {
        continue;
      }
      pending.add(session.write(delete.apply(row)).toCompletableFuture());
      if (pending.size() == DELETES_AT_ONCE) {
        CompletableFuture.allOf(pending.toArray(CompletableFuture[]::new)).join();
        pending.clear();
      }
    }
    CompletableFuture.allOf(pending.toArray(CompletableFuture[]::new)).join();
  }
}
