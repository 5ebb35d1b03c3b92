// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.millrace.featurestore.dataset.DatasetPlaces;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/** A row per dataset or spine and instance. Rows go after an hour. Thread-safe. */
public final class CassandraDatasetPlaces implements DatasetPlaces {
  private final BoundedSession session;
  private final PreparedStatement insert;
  private final PreparedStatement select;
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
}
