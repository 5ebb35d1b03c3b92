// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.millrace.featurestore.history.SettlingStore;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A row for each request, with a blank part, and one for each answer. Rows go after an hour.
 * Thread-safe.
 */
public final class CassandraSettling implements SettlingStore {
  private static final String REQUEST = "";

  private final BoundedSession session;
  private final PreparedStatement insert;
  private final PreparedStatement select;
  private final PreparedStatement delete;

  /** Prepares its statements; the tables must exist. */
  public CassandraSettling(CqlSession cql) {
    session = new BoundedSession(cql);
    insert =
        session.prepare(
            "INSERT INTO millrace.settling (app, request, part) VALUES (?, ?, ?) USING TTL 3600");
    select = session.prepare("SELECT request, part FROM millrace.settling WHERE app = ?");
    delete = session.prepare("DELETE FROM millrace.settling WHERE app = ? AND request = ?");
  }

  @Override
  public CompletionStage<Void> request(String app, String request) {
    return session.write(insert.bind(app, request, REQUEST));
  }

  @Override
  public CompletionStage<Void> answer(String app, String request, String part) {
    return session.write(insert.bind(app, request, part));
  }

  @Override
  public CompletionStage<Void> end(String app, String request) {
    return session.write(delete.bind(app, request));
  }

  @Override
  public CompletionStage<Map<String, Set<String>>> read(String app) {
    return session.send(select.bind(app)).thenCompose(page -> rest(page, new TreeMap<>()));
  }

  /** An answer that came when its request had ended is no request. */
  private static CompletionStage<Map<String, Set<String>>> rest(
      AsyncResultSet page, Map<String, Set<String>> found) {
    for (Row row : page.currentPage()) {
      String part = Objects.requireNonNull(row.getString(1));
      String request = Objects.requireNonNull(row.getString(0));
      if (part.equals(REQUEST)) {
        found.put(request, new HashSet<>());
      } else if (found.containsKey(request)) {
        found.get(request).add(part);
      }
    }
    return page.hasMorePages()
        ? page.fetchNextPage().thenCompose(next -> rest(next, found))
        : CompletableFuture.completedFuture(found);
  }
}
