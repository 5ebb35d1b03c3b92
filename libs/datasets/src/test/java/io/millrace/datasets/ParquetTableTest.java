// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that DuckDB wrote. */
class ParquetTableTest {
  private static final int ROWS = 300_000;

  @TempDir Path folder;

  private Path write(String select, String options) throws SQLException {
    Path file = folder.resolve("table.parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet" + options + ")");
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ", CODEC 'zstd'", ", CODEC 'gzip'", ", CODEC 'uncompressed'"})
  void next_everyCodec_givesTheRows(String options) throws SQLException, IOException {
    Path file =
        write(
            "SELECT CASE WHEN i % 7 = 0 THEN NULL ELSE 'customer ' || (i * 7919 % 5000) END AS"
                + " customer, make_timestamp(1700000000000000 + i * 1000000) AS moment,"
                + " i::INTEGER AS n, i / 8.0 AS score, (i / 4.0)::FLOAT AS small, i % 3 = 0 AS"
                + " third, DATE '2024-01-01' + (i % 100)::INTEGER AS day FROM range("
                + ROWS
                + ") t(i)",
            options);
    try (ParquetTable table = ParquetTable.open(file)) {
      assertThat(table.columns())
          .containsExactly("customer", "moment", "n", "score", "small", "third", "day");
      for (long i = 0; i < ROWS; i++) {
        @Nullable Object[] row = table.next();
        if (row == null || i % 997 == 0 || table.row() != i + 1) {
          assertThat(row)
              .as(Arrays.toString(row))
              .containsExactly(
                  i % 7 == 0 ? null : "customer " + i * 7919 % 5000,
                  1_700_000_000_000L + i * 1000,
                  i,
                  i / 8.0,
                  (double) (float) (i / 4.0),
                  i % 3 == 0,
                  (19_723 + i % 100) * 86_400_000L);
        }
      }
      assertThat(table.next()).isNull();
    }
  }

  @Test
  void next_valuesOfADictionary_areMadeOnce() throws SQLException, IOException {
    Path file =
        write(
            "SELECT CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END AS letter,"
                + " CASE WHEN i % 2 = 0 THEN 'nan'::DOUBLE ELSE 1.5 END AS number FROM range(1000)"
                + " t(i)",
            "");
    try (ParquetTable table = ParquetTable.open(file)) {
      @Nullable Object[] firsts = table.next();
      assertThat(firsts).containsExactly("a", null);
      for (int i = 1; i < 1000; i++) {
        @Nullable Object[] row = table.next();
        assertThat(row)
            .containsExactly(i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : null, i % 2 == 0 ? null : 1.5);
        if (row != null && firsts != null && i % 3 == 0) {
          assertThat(row[0]).isSameAs(firsts[0]);
        }
      }
      assertThat(table.next()).isNull();
    }
  }

  @Test
  void open_whatIsNotRead_saysWhich() throws SQLException, IOException {
    assertThatThrownBy(() -> ParquetTable.open(write("SELECT 1.25::DECIMAL(9, 2) AS price", "")))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("'price' is a decimal");
    assertThatThrownBy(() -> ParquetTable.open(write("SELECT [1, 2] AS list", "")))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("nested or a list");
    Path text = folder.resolve("text");
    Files.writeString(text, "this is no Parquet file");
    assertThatThrownBy(() -> ParquetTable.open(text)).isInstanceOf(DatasetException.class);
  }

  @Test
  void unpack_brokenBlock_isRefused() {
    assertThatThrownBy(() -> Snappy.unpack(new byte[] {5, 0}, 5))
        .isInstanceOf(DatasetException.class);
    assertThatThrownBy(() -> Snappy.unpack(new byte[] {4, (byte) 0x0d, 9}, 4))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("before its beginning");
    assertThat(Snappy.unpack(new byte[] {6, 4, 'a', 'b', 1, 2}, 6)).asString().isEqualTo("ababab");
  }
}
