// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.serde.EventSerde;
import io.millrace.featurestore.history.Moment;
import io.millrace.featurestore.history.MomentStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Moments in partitions of one shard of one hour of event time; a table names the shards that there
 * are. Thread-safe.
 */
public final class CassandraMoments implements MomentStore {
  private static final long HOUR_MS = 3_600_000;
  private static final int KNOWN_SHARDS_MAX = 10_000;
  private static final int ROW_BYTES = 250;

  /** Partitions of several hours that a read has asked for; each takes a page of memory. */
  private static final int AHEAD = 16;

  /** Rows in memory of one hour, over all its shards, and of one shard at least. */
  private static final int HOUR_ROWS = 5_000;

  private static final int PAGE_ROWS_MIN = 100;

  private final BoundedSession session;
  private final Batches batches;
  private final PreparedStatement insert;
  private final PreparedStatement insertShard;
  private final PreparedStatement updateLabel;
  private final PreparedStatement selectShards;
  private final PreparedStatement select;
  private final PreparedStatement deleteMoments;
  private final PreparedStatement deleteShards;
  private final PreparedStatement insertClosed;
  private final PreparedStatement selectClosed;
  private final PreparedStatement deleteClosed;

  /** Shards that are durable in the table of shards, so that they need not be written again. */
  private final Set<Shard> knownShards = ConcurrentHashMap.newKeySet();

  /** A row's cells that one statement writes. */
  private record Cells(long moment, String id, boolean label) {}

  @Override
  public void flush() {
    batches.flush();
  }

  private record Shard(String app, String label, long hour, int shard) {}

  /** Prepares its statements; the tables must exist. */
  public CassandraMoments(CqlSession cql) {
    session = new BoundedSession(cql);
    batches = new Batches(session);
    insert =
        session.prepare(
            "INSERT INTO millrace.moments (app, label, hour, shard, moment, id, part, known_at,"
                + " entities, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insertShard =
        session.prepare(
            "INSERT INTO millrace.moment_shards (app, label, hour, shard) VALUES (?, ?, ?, ?)");
    updateLabel =
        session.prepare(
            "INSERT INTO millrace.moments (app, label, hour, shard, moment, id, value, provenance,"
                + " revision, label_known_at, labelled_at, outcome_event) VALUES (?, ?, ?, ?, ?, ?,"
                + " ?, ?, ?, ?, ?, ?)");
    selectShards =
        session.prepare(
            "SELECT hour, shard FROM millrace.moment_shards WHERE app = ? AND label = ?");
    select =
        session.prepare(
            "SELECT id, moment, known_at, entities, data, value, provenance, revision,"
                + " label_known_at, part FROM millrace.moments WHERE app = ? AND label = ? AND hour"
                + " = ? AND shard = ? AND moment >= ? AND moment < ?");
    deleteMoments =
        session.prepare(
            "DELETE FROM millrace.moments WHERE app = ? AND label = ? AND hour = ? AND shard = ?");
    deleteShards =
        session.prepare("DELETE FROM millrace.moment_shards WHERE app = ? AND label = ?");
    insertClosed =
        session.prepare(
            "INSERT INTO millrace.moments_closed (app, label, part, stream_time) VALUES (?, ?, ?,"
                + " ?)");
    selectClosed =
        session.prepare(
            "SELECT part, stream_time FROM millrace.moments_closed WHERE app = ? AND label = ?");
    deleteClosed =
        session.prepare("DELETE FROM millrace.moments_closed WHERE app = ? AND label = ?");
  }

  @Override
  public CompletionStage<Void> put(
      String labelHash,
      int partition,
      int shard,
      Event event,
      Map<String, String> entities,
      byte[] data) {
    long hour = Math.floorDiv(event.eventTimeMs(), HOUR_MS);
    Shard key = new Shard(event.app(), labelHash, hour, shard);
    CompletionStage<Void> row =
        batches.add(
            key,
            new Cells(event.eventTimeMs(), event.id(), false),
            insert.bind(
                event.app(),
                labelHash,
                hour,
                shard,
                event.eventTimeMs(),
                event.id(),
                partition,
                event.knownAtMs(),
                entities,
                ByteBuffer.wrap(data)),
            ROW_BYTES + data.length);
    if (knownShards.contains(key)) {
      return row;
    }
    return row.thenCombine(
        session
            .write(insertShard.bind(event.app(), labelHash, hour, shard))
            .thenRun(
                () -> {
                  if (knownShards.size() >= KNOWN_SHARDS_MAX) {
                    knownShards.clear();
                  }
                  knownShards.add(key);
                }),
        (a, b) -> a);
  }

  @Override
  public CompletionStage<Void> label(String labelHash, int shard, OutcomeLabelled label) {
    long hour = Math.floorDiv(label.momentMs(), HOUR_MS);
    BoundStatement bound =
        updateLabel.bind(
            label.app(),
            labelHash,
            hour,
            shard,
            label.momentMs(),
            label.predictionId(),
            label.value(),
            label.provenance().name(),
            label.revision(),
            label.knownAtMs(),
            label.labelledAtMs());
    String outcome = label.outcomeEventId();
    return batches.add(
        new Shard(label.app(), labelHash, hour, shard),
        new Cells(label.momentMs(), label.predictionId(), true),
        outcome == null ? bound : bound.setString("outcome_event", outcome),
        ROW_BYTES);
  }

  @Override
  public CompletionStage<Void> closed(
      String app, String labelHash, int partition, long streamTimeMs) {
    return session.write(insertClosed.bind(app, labelHash, partition, streamTimeMs));
  }

  @Override
  public Map<Integer, Long> closed(String app, String labelHash) {
    Map<Integer, Long> closed = new HashMap<>();
    BoundedSession.rows(session.send(selectClosed.bind(app, labelHash)))
        .forEachRemaining(row -> closed.put(row.getInt(0), row.getLong(1)));
    return closed;
  }

  @Override
  public void read(String app, String labelHash, long fromMs, long toMs, Consumer<Moment> reader) {
    Iterator<List<Shard>> hours =
        shards(app, labelHash)
            .subMap(Math.floorDiv(fromMs, HOUR_MS), true, Math.floorDiv(toMs, HOUR_MS), true)
            .values()
            .iterator();
    // There are thousands of hours: asked one after the other, most of the time is waiting.
    Deque<List<CompletableFuture<AsyncResultSet>>> ahead = new ArrayDeque<>();
    int asked = 0;
    do {
      while (hours.hasNext() && asked < AHEAD) {
        List<Shard> hour = hours.next();
        int pageRows = Math.max(PAGE_ROWS_MIN, HOUR_ROWS / hour.size());
        ahead.add(
            hour.stream()
                .map(
                    shard -> select.bind(app, labelHash, shard.hour(), shard.shard(), fromMs, toMs))
                .map(bound -> session.send(bound.setPageSize(pageRows)))
                .toList());
        asked += hour.size();
      }
      List<CompletableFuture<AsyncResultSet>> next = ahead.poll();
      if (next != null) {
        asked -= next.size();
        inOrder(
            next,
            row -> {
              Moment moment = moment(row);
              if (moment != null) {
                reader.accept(moment);
              }
            });
      }
    } while (hours.hasNext() || !ahead.isEmpty());
  }

  /** The next row of a shard, and those behind it. */
  private record Head(Row row, Iterator<Row> rest) {
    long moment() {
      return row.getLong(1);
    }

    /** In the order of the store, which is that of the bytes. */
    byte[] id() {
      return Objects.requireNonNull(row.getString(0)).getBytes(StandardCharsets.UTF_8);
    }
  }

  private static void inOrder(
      List<CompletableFuture<AsyncResultSet>> shards, Consumer<Row> reader) {
    if (shards.size() == 1) {
      BoundedSession.rows(shards.getFirst()).forEachRemaining(reader);
      return;
    }
    PriorityQueue<Head> heads =
        new PriorityQueue<>(
            Comparator.comparingLong(Head::moment)
                .thenComparing(Head::id, Arrays::compareUnsigned));
    for (CompletableFuture<AsyncResultSet> shard : shards) {
      Iterator<Row> rows = BoundedSession.rows(shard);
      if (rows.hasNext()) {
        heads.add(new Head(rows.next(), rows));
      }
    }
    while (!heads.isEmpty()) {
      Head least = heads.remove();
      reader.accept(least.row());
      if (least.rest().hasNext()) {
        heads.add(new Head(least.rest().next(), least.rest()));
      }
    }
  }

  /** Hour → its shards, in order of time. */
  private NavigableMap<Long, List<Shard>> shards(String app, String labelHash) {
    NavigableMap<Long, List<Shard>> shards = new TreeMap<>();
    BoundedSession.rows(session.send(selectShards.bind(app, labelHash)))
        .forEachRemaining(
            row ->
                shards
                    .computeIfAbsent(row.getLong(0), hour -> new ArrayList<>())
                    .add(new Shard(app, labelHash, row.getLong(0), row.getInt(1))));
    return shards;
  }

  /** Null for a row of which only the label has been written yet. */
  private static @Nullable Moment moment(Row row) {
    if (row.isNull(4)) {
      return null;
    }
    Map<String, String> entities = row.getMap(3, String.class, String.class);
    return new Moment(
        Objects.requireNonNull(row.getString(0)),
        row.getInt(9),
        row.getLong(1),
        row.getLong(2),
        entities == null ? Map.of() : entities,
        EventSerde.readData(CassandraHistory.bytes(row, 4)),
        row.isNull(5)
            ? null
            : new Moment.MomentLabel(
                row.getDouble(5),
                Objects.requireNonNull(row.getString(6)),
                row.getInt(7),
                row.getLong(8)));
  }

  @Override
  public void delete(String app, String labelHash) {
    for (List<Shard> hour : shards(app, labelHash).values()) {
      for (Shard each : hour) {
        session
            .write(deleteMoments.bind(app, labelHash, each.hour(), each.shard()))
            .toCompletableFuture()
            .join();
      }
    }
    session.write(deleteShards.bind(app, labelHash)).toCompletableFuture().join();
    session.write(deleteClosed.bind(app, labelHash)).toCompletableFuture().join();
    knownShards.removeIf(each -> each.app().equals(app) && each.label().equals(labelHash));
  }
}
