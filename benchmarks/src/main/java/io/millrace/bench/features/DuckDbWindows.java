// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.features.pit.KnownEvent;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/** The same order lines in DuckDB, in memory, on one thread. Not thread-safe. */
final class DuckDbWindows implements AutoCloseable {
  private final Connection connection;

  DuckDbWindows(Map<String, List<KnownEvent>> lines) throws SQLException {
    connection = DriverManager.getConnection("jdbc:duckdb:");
    execute("SET threads = 1");
    execute("CREATE TABLE lines (customer VARCHAR, at_ms BIGINT, amount DOUBLE)");
    try (DuckDBAppender appender =
        connection.unwrap(DuckDBConnection.class).createAppender("main", "lines")) {
      for (Map.Entry<String, List<KnownEvent>> each : lines.entrySet()) {
        for (KnownEvent event : each.getValue()) {
          appender.beginRow();
          appender.append(each.getKey());
          appender.append(event.eventTimeMs());
          appender.append(
              ((Number) event.fields().getOrDefault("Quantity", 0)).doubleValue()
                  * ((Number) event.fields().getOrDefault("UnitPrice", 0)).doubleValue());
          appender.endRow();
        }
      }
    }
  }

  /** Writes what {@link PitBench} writes: 16 features as of every line. */
  void windows(Path parquet) throws SQLException {
    String features =
        PitBench.WINDOWS.stream()
            .map(
                window ->
                    "count(*) OVER w%1$s, sum(amount) OVER w%1$s, avg(amount) OVER w%1$s, max(amount) OVER w%1$s"
                        .formatted(window))
            .collect(Collectors.joining(", "));
    String windows =
        PitBench.WINDOWS.stream()
            .map(
                window ->
                    "w%s AS (PARTITION BY customer ORDER BY at_ms RANGE BETWEEN %d PRECEDING AND CURRENT ROW)"
                        .formatted(window, days(window) * 86_400_000L - 1))
            .collect(Collectors.joining(", "));
    copy("SELECT customer, at_ms, " + features + " FROM lines WINDOW " + windows, parquet);
  }

  /** Writes the nearest line at or before each line: a point-in-time join of ready values. */
  void asOfJoin(Path parquet) throws SQLException {
    copy(
        "SELECT l.customer, l.at_ms, r.amount FROM lines l ASOF JOIN lines r"
            + " ON l.customer = r.customer AND l.at_ms >= r.at_ms",
        parquet);
  }

  private static int days(String window) {
    return Integer.parseInt(window.substring(0, window.length() - 1));
  }

  private void copy(String query, Path parquet) throws SQLException {
    execute("COPY (" + query + ") TO '" + parquet + "' (FORMAT parquet, COMPRESSION zstd)");
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
