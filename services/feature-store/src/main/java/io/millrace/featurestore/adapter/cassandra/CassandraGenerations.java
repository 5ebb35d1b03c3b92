// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.featurestore.view.GenerationStore;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/** One row per application and kind. Thread-safe. */
public final class CassandraGenerations implements GenerationStore {
  private final BoundedSession session;
  private final PreparedStatement select;
  private final PreparedStatement insert;
  private final PreparedStatement delete;

  /** Prepares its statements; the tables must exist. */
  public CassandraGenerations(CqlSession cql) {
    session = new BoundedSession(cql);
    select =
        session.prepareShared(
            "SELECT hash, definition FROM millrace.generations WHERE app = ? AND kind = ?");
    insert =
        session.prepareShared(
            "INSERT INTO millrace.generations (app, kind, hash, definition) VALUES (?, ?, ?, ?)");
    delete = session.prepareShared("DELETE FROM millrace.generations WHERE app = ?");
  }

  @Override
  public Optional<Active> find(String app, Kind kind) {
    Row row = session.query(select.bind(app, kind.name())).one();
    return row == null
        ? Optional.empty()
        : Optional.of(
            new Active(
                Objects.requireNonNull(row.getString(0)),
                Json.mapper()
                    .readValue(CassandraHistory.bytes(row, 1), ApplicationDefinition.class)));
  }

  @Override
  public void put(String app, Kind kind, Active active) {
    session
        .write(
            insert.bind(
                app,
                kind.name(),
                active.hash(),
                ByteBuffer.wrap(Json.mapper().writeValueAsBytes(active.definition()))))
        .toCompletableFuture()
        .join();
  }

  @Override
  public void remove(String app) {
    session.write(delete.bind(app)).toCompletableFuture().join();
  }
}
