// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import io.millrace.featurestore.dataset.DatasetPlaces;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A row per dataset or spine and instance, and one per dataset that says who builds it, which is
 * agreed on by Paxos. Rows go after an hour. Thread-safe.
 */
public final class CassandraDatasetPlaces implements DatasetPlaces {
  private final BoundedSession session;
  private final PreparedStatement insert;
  private final PreparedStatement select;
  private final PreparedStatement insertBuilder;
  private final PreparedStatement updateBuilder;
  private final Place own;

  /**
   * Prepares its statements; the tables must exist.
   *
   * @param own this instance
   */
  public CassandraDatasetPlaces(CqlSession cql, Place own) {
    this.own = own;
    session = new BoundedSession(cql);
    insert =
        session.prepareShared(
            "INSERT INTO millrace.dataset_places (app, id, instance, address) VALUES (?, ?, ?, ?)"
                + " USING TTL 3600");
    select =
        session.prepareShared(
            "SELECT instance, address FROM millrace.dataset_places WHERE app = ? AND id = ?");
    insertBuilder =
        session.prepareShared(
            "INSERT INTO millrace.dataset_builders (app, id, instance, address) VALUES (?, ?, ?, ?)"
                + " IF NOT EXISTS USING TTL 3600");
    updateBuilder =
        session.prepareShared(
            "UPDATE millrace.dataset_builders USING TTL 3600 SET instance = ?, address = ? WHERE"
                + " app = ? AND id = ? IF instance = ?");
  }

  @Override
  public CompletionStage<Void> announce(String app, String id) {
    return session.write(insert.bind(app, id, own.instance(), own.address().toString()));
  }

  @Override
  public List<Place> others(String app, String id) {
    List<Place> others = new ArrayList<>();
    for (Row row : session.ask(select.bind(app, id))) {
      String instance = Objects.requireNonNull(row.getString(0));
      if (!instance.equals(own.instance())) {
        others.add(new Place(instance, URI.create(Objects.requireNonNull(row.getString(1)))));
      }
    }
    return others;
  }

  @Override
  public Optional<Place> builder(String app, String id, @Nullable Place gone) {
    String address = own.address().toString();
    if (gone != null
        && session
            .ask(updateBuilder.bind(own.instance(), address, app, id, gone.instance()))
            .wasApplied()) {
      return Optional.empty();
    }
    ResultSet answer = session.ask(insertBuilder.bind(app, id, own.instance(), address));
    if (answer.wasApplied()) {
      return Optional.empty();
    }
    Row row = Objects.requireNonNull(answer.one());
    Place builder =
        new Place(
            Objects.requireNonNull(row.getString("instance")),
            URI.create(Objects.requireNonNull(row.getString("address"))));
    // A transaction that is tried again meets what it did itself.
    return Optional.of(builder).filter(each -> !each.instance().equals(own.instance()));
  }
}
