// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What DuckDB says of the same rows, read from files as often as asked for: {@code SUMMARIZE}, the
 * quantiles of the numeric columns and the most frequent values of all. That lacks skewness and
 * kurtosis, string lengths, counts by type and error bounds, which a profile has. Not thread-safe.
 */
final class DuckDbSummary implements AutoCloseable {
  private static final int FREQUENT = 20;
  private static final String RANKS = "[0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]";

  private final Connection connection;
  private final Path folder;
  private final List<String> names;
  private final List<String> numeric;

  DuckDbSummary(RetailTable table, int threads) throws SQLException, IOException {
    folder = Files.createTempDirectory("millrace-bench-profile");
    names = table.names();
    numeric =
        IntStream.range(0, names.size())
            .filter(i -> table.numeric()[i])
            .mapToObj(names::get)
            .toList();
    Files.writeString(csv(), table.text());
    connection = DriverManager.getConnection("jdbc:duckdb:");
    execute("SET threads = " + threads);
    execute("COPY (" + typed("'" + csv() + "'") + ") TO '" + parquet() + "' (FORMAT parquet)");
  }

  /** The rows as a CSV file, until it is closed. */
  Path csv() {
    return folder.resolve("lines.csv");
  }

  /** The rows as a Parquet file, until it is closed. */
  Path parquet() {
    return folder.resolve("lines.parquet");
  }

  /** Summarises the rows of a Parquet file. */
  void ofParquet(int times) {
    summarise("SELECT * FROM read_parquet(" + list(parquet(), times) + ")");
  }

  /** Summarises the rows of a CSV file. */
  void ofCsv(int times) {
    summarise(typed(list(csv(), times)));
  }

  /** Numbers where the profile has numbers, text elsewhere. */
  private String typed(String files) {
    String types =
        names.stream()
            .map(
                name -> "'%s': '%s'".formatted(name, numeric.contains(name) ? "DOUBLE" : "VARCHAR"))
            .collect(Collectors.joining(", "));
    return "SELECT * FROM read_csv(%s, header = true, columns = {%s})".formatted(files, types);
  }

  private static String list(Path file, int times) {
    return Collections.nCopies(times, "'" + file + "'").toString();
  }

  private void summarise(String rows) {
    try {
      execute("SUMMARIZE " + rows);
      execute(figures(numeric, name -> "approx_quantile(%s, %s)".formatted(name, RANKS), rows));
      execute(figures(names, name -> "approx_top_k(%s, %d)".formatted(name, FREQUENT), rows));
    } catch (SQLException e) {
      throw new IllegalStateException("DuckDB failed: " + e.getMessage(), e);
    }
  }

  private static String figures(List<String> names, Function<String, String> figure, String rows) {
    return names.stream().map(figure).collect(Collectors.joining(", ", "SELECT ", ""))
        + " FROM ("
        + rows
        + ")";
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (statement.execute(sql)) {
        try (ResultSet result = statement.getResultSet()) {
          if (!result.next()) {
            throw new SQLException("no rows: " + sql);
          }
        }
      }
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    try {
      Files.deleteIfExists(csv());
      Files.deleteIfExists(parquet());
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
