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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Moments in partitions of one hour of event time. Thread-safe. */
public final class CassandraMoments implements MomentStore {
  private static final long HOUR_MS = 3_600_000;
  private static final int KNOWN_HOURS_MAX = 10_000;

  private static final int ROW_BYTES = 250;

  /** Hours that a read has asked for; each takes a page of memory. */
  private static final int HOURS_AHEAD = 16;

  private final BoundedSession session;
  private final Batches batches;
  private final PreparedStatement insert;
  private final PreparedStatement insertHour;
  private final PreparedStatement updateLabel;
  private final PreparedStatement selectHours;
  private final PreparedStatement select;
  private final PreparedStatement deleteHour;
  private final PreparedStatement deleteHours;
  private final PreparedStatement insertClosed;
  private final PreparedStatement selectClosed;
  private final PreparedStatement deleteClosed;

  /** Hours that are durable in the table of hours, so that they need not be written again. */
  private final Set<Hour> knownHours = ConcurrentHashMap.newKeySet();

  /** A row's cells that one statement writes. */
  private record Cells(long moment, String id, boolean label) {}

  @Override
  public void flush() {
    batches.flush();
  }

  private record Hour(String app, String label, long hour) {}

  /** Prepares its statements; the tables must exist. */
  public CassandraMoments(CqlSession cql) {
    session = new BoundedSession(cql);
    batches = new Batches(session);
    insert =
        session.prepare(
            "INSERT INTO millrace.moments (app, label, hour, moment, id, part, known_at, entities,"
                + " data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insertHour =
        session.prepare("INSERT INTO millrace.moment_hours (app, label, hour) VALUES (?, ?, ?)");
    updateLabel =
        session.prepare(
            "INSERT INTO millrace.moments (app, label, hour, moment, id, value, provenance,"
                + " revision, label_known_at, labelled_at, outcome_event) VALUES (?, ?, ?, ?, ?, ?,"
                + " ?, ?, ?, ?, ?)");
    selectHours =
        session.prepare("SELECT hour FROM millrace.moment_hours WHERE app = ? AND label = ?");
    select =
        session.prepare(
            "SELECT id, moment, known_at, entities, data, value, provenance, revision,"
                + " label_known_at, part FROM millrace.moments WHERE app = ? AND label = ? AND hour"
                + " = ? AND moment >= ? AND moment < ?");
    deleteHour =
        session.prepare("DELETE FROM millrace.moments WHERE app = ? AND label = ? AND hour = ?");
    deleteHours = session.prepare("DELETE FROM millrace.moment_hours WHERE app = ? AND label = ?");
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
      String labelHash, int partition, Event event, Map<String, String> entities, byte[] data) {
    long hour = Math.floorDiv(event.eventTimeMs(), HOUR_MS);
    Hour key = new Hour(event.app(), labelHash, hour);
    CompletionStage<Void> row =
        batches.add(
            key,
            new Cells(event.eventTimeMs(), event.id(), false),
            insert.bind(
                event.app(),
                labelHash,
                hour,
                event.eventTimeMs(),
                event.id(),
                partition,
                event.knownAtMs(),
                entities,
                ByteBuffer.wrap(data)),
            ROW_BYTES + data.length);
    if (knownHours.contains(key)) {
      return row;
    }
    return row.thenCombine(
        session
            .write(insertHour.bind(event.app(), labelHash, hour))
            .thenRun(
                () -> {
                  if (knownHours.size() >= KNOWN_HOURS_MAX) {
                    knownHours.clear();
                  }
                  knownHours.add(key);
                }),
        (a, b) -> a);
  }

  @Override
  public CompletionStage<Void> label(String labelHash, OutcomeLabelled label) {
    long hour = Math.floorDiv(label.momentMs(), HOUR_MS);
    BoundStatement bound =
        updateLabel.bind(
            label.app(),
            labelHash,
            hour,
            label.momentMs(),
            label.predictionId(),
            label.value(),
            label.provenance().name(),
            label.revision(),
            label.knownAtMs(),
            label.labelledAtMs());
    String outcome = label.outcomeEventId();
    return batches.add(
        new Hour(label.app(), labelHash, hour),
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
    BoundedSession.forEach(
        session.send(selectClosed.bind(app, labelHash)),
        row -> closed.put(row.getInt(0), row.getLong(1)));
    return closed;
  }

  @Override
  public void read(String app, String labelHash, long fromMs, long toMs, Consumer<Moment> reader) {
    Iterator<Long> hours =
        hours(app, labelHash).stream()
            .filter(
                hour ->
                    hour >= Math.floorDiv(fromMs, HOUR_MS) && hour <= Math.floorDiv(toMs, HOUR_MS))
            .iterator();
    // There are thousands of hours: asked one after the other, most of the time is waiting.
    Deque<CompletableFuture<AsyncResultSet>> ahead = new ArrayDeque<>();
    do {
      while (hours.hasNext() && ahead.size() < HOURS_AHEAD) {
        ahead.add(session.send(select.bind(app, labelHash, hours.next(), fromMs, toMs)));
      }
      CompletableFuture<AsyncResultSet> next = ahead.poll();
      if (next != null) {
        BoundedSession.forEach(
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

  private List<Long> hours(String app, String labelHash) {
    List<Long> hours = new ArrayList<>();
    BoundedSession.forEach(
        session.send(selectHours.bind(app, labelHash)), row -> hours.add(row.getLong(0)));
    return hours;
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
    for (long hour : hours(app, labelHash)) {
      session.write(deleteHour.bind(app, labelHash, hour)).toCompletableFuture().join();
    }
    session.write(deleteHours.bind(app, labelHash)).toCompletableFuture().join();
    session.write(deleteClosed.bind(app, labelHash)).toCompletableFuture().join();
    knownHours.removeIf(hour -> hour.app().equals(app) && hour.label().equals(labelHash));
  }
}
