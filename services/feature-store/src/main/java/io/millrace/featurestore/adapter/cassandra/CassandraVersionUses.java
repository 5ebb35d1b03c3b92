// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import io.millrace.featurestore.version.VersionUses;
import io.millrace.featurestore.view.GenerationStore.Kind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A row for each version and instance that computes it, which goes after a minute, and one for each
 * version that is to go, which is changed by lightweight transactions only. Thread-safe.
 */
public final class CassandraVersionUses implements VersionUses {
  private final BoundedSession session;
  private final PreparedStatement insertUse;
  private final PreparedStatement deleteUse;
  private final PreparedStatement selectUses;
  private final PreparedStatement insertLeaving;
  private final PreparedStatement updateLeaving;
  private final PreparedStatement deleteLeaving;
  private final PreparedStatement selectLeaving;

  /** Prepares its statements; the tables must exist. */
  public CassandraVersionUses(CqlSession cql) {
    session = new BoundedSession(cql);
    insertUse =
        session.prepareShared(
            "INSERT INTO millrace.version_uses (app, kind, version, instance) VALUES (?, ?, ?, ?)"
                + " USING TTL "
                + HOLDS_S);
    deleteUse =
        session.prepareShared(
            "DELETE FROM millrace.version_uses WHERE app = ? AND kind = ? AND version = ? AND"
                + " instance = ?");
    selectUses =
        session.prepareShared(
            "SELECT version, instance FROM millrace.version_uses WHERE app = ? AND kind = ?");
    insertLeaving =
        session.prepareShared(
            "INSERT INTO millrace.versions_leaving (app, kind, version, remover) VALUES (?, ?, ?,"
                + " '') IF NOT EXISTS");
    updateLeaving =
        session.prepareShared(
            "UPDATE millrace.versions_leaving SET remover = ? WHERE app = ? AND kind = ? AND"
                + " version = ? IF remover = ?");
    deleteLeaving =
        session.prepareShared(
            "DELETE FROM millrace.versions_leaving WHERE app = ? AND kind = ? AND version = ? IF"
                + " remover = ?");
    selectLeaving =
        session.prepareShared(
            "SELECT version, remover FROM millrace.versions_leaving WHERE app = ? AND kind = ?");
  }

  @Override
  public CompletionStage<Void> use(String app, Kind kind, String version, String instance) {
    return session.write(insertUse.bind(app, kind.name(), version, instance));
  }

  @Override
  public CompletionStage<Void> leave(String app, Kind kind, String version, String instance) {
    return session.write(deleteUse.bind(app, kind.name(), version, instance));
  }

  /** Who removes is read first: who begins to compute after that has seen it. */
  @Override
  public CompletionStage<Book> read(String app, Kind kind) {
    Map<String, String> leaving = new HashMap<>();
    Map<String, Set<String>> uses = new HashMap<>();
    return each(
            selectLeaving.bind(app, kind.name()), row -> leaving.put(text(row, 0), text(row, 1)))
        .thenCompose(
            ok ->
                each(
                    selectUses.bind(app, kind.name()),
                    row ->
                        uses.computeIfAbsent(text(row, 0), key -> new HashSet<>())
                            .add(text(row, 1))))
        .thenApply(ok -> new Book(uses, leaving));
  }

  private CompletionStage<Void> each(BoundStatement query, Consumer<Row> reader) {
    return session.send(query).thenCompose(page -> rest(page, reader));
  }

  private static CompletionStage<Void> rest(AsyncResultSet page, Consumer<Row> reader) {
    page.currentPage().forEach(reader);
    return page.hasMorePages()
        ? page.fetchNextPage().thenCompose(next -> rest(next, reader))
        : CompletableFuture.completedFuture(null);
  }

  private static String text(Row row, int column) {
    return Objects.requireNonNull(row.getString(column));
  }

  @Override
  public void retire(String app, Kind kind, String version) {
    session.ask(insertLeaving.bind(app, kind.name(), version));
  }

  @Override
  public boolean claim(String app, Kind kind, String version, String from, String to) {
    ResultSet answer = session.ask(updateLeaving.bind(to, app, kind.name(), version, from));
    // A transaction that is tried again meets what it did itself.
    return answer.wasApplied() || to.equals(remover(answer));
  }

  @Override
  public boolean strike(String app, Kind kind, String version, String from) {
    ResultSet answer = session.ask(deleteLeaving.bind(app, kind.name(), version, from));
    return answer.wasApplied() || remover(answer) == null;
  }

  /** Who removes the version, of a transaction that was not applied; null where it is not to go. */
  private static @Nullable String remover(ResultSet answer) {
    Row row = answer.one();
    return row == null || !row.getColumnDefinitions().contains("remover")
        ? null
        : row.getString("remover");
  }
}
