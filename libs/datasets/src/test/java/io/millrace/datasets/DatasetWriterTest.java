// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetWriterTest {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("prediction_id", ColumnType.TEXT),
          new Column("moment", ColumnType.TIMESTAMP),
          new Column("user.clicks_1h", ColumnType.NUMBER),
          new Column("event.position", ColumnType.INTEGER),
          new Column("event.mobile", ColumnType.BOOLEAN),
          new Column("event.all_missing", ColumnType.NUMBER));

  @TempDir Path folder;

  private static List<@Nullable Object[]> rows(int count, long seed) {
    Random random = new Random(seed);
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          new @Nullable Object[] {
            "p-" + i,
            1_700_000_000_000L + i,
            random.nextInt(5) == 0 ? Double.NaN : random.nextGaussian() * 1e6,
            random.nextInt(7) == 0 ? null : random.nextLong(),
            random.nextInt(9) == 0 ? null : random.nextBoolean(),
            null
          });
    }
    return rows;
  }

  private DatasetWriter.Written write(String name, List<@Nullable Object[]> rows) {
    try (DatasetWriter writer = new DatasetWriter(folder.resolve(name), COLUMNS)) {
      rows.forEach(writer::row);
      return writer.finish();
    }
  }

  @Test
  void read_moreRowsThanOneGroup_givesEveryValueBack() {
    List<@Nullable Object[]> rows = rows(DatasetWriter.GROUP_ROWS * 2 + 17, 1);
    write("a.parquet", rows);

    Dataset dataset = Dataset.read(folder.resolve("a.parquet"));

    assertThat(dataset.columns()).isEqualTo(COLUMNS);
    assertThat(dataset.rows()).isEqualTo(rows.size());
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < COLUMNS.size(); column++) {
        Object expected = rows.get(row)[column];
        Object normal = expected instanceof Double d && d.isNaN() ? null : expected;
        if (!java.util.Objects.equals(dataset.value(COLUMNS.get(column).name(), row), normal)) {
          assertThat(dataset.value(COLUMNS.get(column).name(), row)).isEqualTo(normal);
        }
      }
    }
    assertThat(dataset.numbers("event.all_missing")).containsOnly(Double.NaN);
    assertThat(dataset.integers("moment")[3]).isEqualTo(1_700_000_000_003L);
    assertThat(dataset.texts("prediction_id")[16]).isEqualTo("p-16");
  }

  @Test
  void finish_sameRowsTwice_givesSameBytesAndHashes() throws IOException {
    DatasetWriter.Written first = write("a.parquet", rows(70_000, 2));
    DatasetWriter.Written second = write("b.parquet", rows(70_000, 2));

    assertThat(first.contentHash()).isEqualTo(second.contentHash());
    assertThat(first.columns()).isEqualTo(second.columns());
    assertThat(Files.mismatch(folder.resolve("a.parquet"), folder.resolve("b.parquet")))
        .isEqualTo(-1);
    assertThat(first.file().sha256()).isEqualTo(second.file().sha256());
    assertThat(first.file().bytes()).isEqualTo(Files.size(folder.resolve("a.parquet")));
  }

  @Test
  void finish_oneCellDiffers_changesThatColumnsHashOnly() {
    List<@Nullable Object[]> rows = rows(1000, 3);
    DatasetWriter.Written before = write("a.parquet", rows);
    rows.get(500)[2] = 42.0;
    DatasetWriter.Written after = write("b.parquet", rows);

    assertThat(after.contentHash()).isNotEqualTo(before.contentHash());
    for (int i = 0; i < COLUMNS.size(); i++) {
      assertThat(after.columns().get(i).equals(before.columns().get(i))).isEqualTo(i != 2);
    }
  }

  @Test
  void file_readByDuckDb_hasSameTypesAndSums() throws SQLException {
    List<@Nullable Object[]> rows = rows(66_000, 4);
    write("a.parquet", rows);
    double sum = 0;
    for (Object[] row : rows) {
      sum += row[2] instanceof Double d && !d.isNaN() ? d : 0;
    }
    long withPosition = rows.stream().filter(row -> row[3] != null).count();
    long mobile = rows.stream().filter(row -> Boolean.TRUE.equals(row[4])).count();

    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      String file = "'" + folder.resolve("a.parquet") + "'";
      try (ResultSet result =
          statement.executeQuery(
              "select count(*), count(\"event.position\"), sum(\"user.clicks_1h\"),"
                  + " count(*) filter (\"event.mobile\"), max(prediction_id),"
                  + " epoch_ms(max(moment)), count(\"event.all_missing\") from "
                  + file)) {
        assertThat(result.next()).isTrue();
        assertThat(result.getLong(1)).isEqualTo(66_000);
        assertThat(result.getLong(2)).isEqualTo(withPosition);
        assertThat(result.getDouble(3)).isCloseTo(sum, org.assertj.core.data.Offset.offset(1e-2));
        assertThat(result.getLong(4)).isEqualTo(mobile);
        assertThat(result.getString(5)).isEqualTo("p-9999");
        assertThat(result.getLong(6)).isEqualTo(1_700_000_000_000L + 65_999);
        assertThat(result.getLong(7)).isZero();
      }
      try (ResultSet types = statement.executeQuery("describe select * from " + file)) {
        List<String> found = new ArrayList<>();
        while (types.next()) {
          found.add(types.getString(2));
        }
        assertThat(found)
            .containsExactly(
                "VARCHAR", "TIMESTAMP WITH TIME ZONE", "DOUBLE", "BIGINT", "BOOLEAN", "DOUBLE");
      }
    }
  }

  @Test
  void finish_noRows_isAReadableEmptyDataset() {
    DatasetWriter.Written written = write("a.parquet", List.of());

    assertThat(written.file().rows()).isZero();
    assertThat(Dataset.read(folder.resolve("a.parquet")).rows()).isZero();
  }

  @Test
  void close_withoutFinish_leavesNothing() throws IOException {
    try (DatasetWriter writer = new DatasetWriter(folder.resolve("a.parquet"), COLUMNS)) {
      rows(10, 5).forEach(writer::row);
    }
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void row_valueOfAnotherType_isRefusedNamingTheColumn() {
    try (DatasetWriter writer = new DatasetWriter(folder.resolve("a.parquet"), COLUMNS)) {
      assertThatThrownBy(() -> writer.row("p", 1L, "text", 1L, true, null))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining("user.clicks_1h");
    }
  }

  @Test
  void read_truncatedFile_isRefused() throws IOException {
    write("a.parquet", rows(1000, 6));
    byte[] bytes = Files.readAllBytes(folder.resolve("a.parquet"));
    Path cut = folder.resolve("cut.parquet");
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));

    assertThatThrownBy(() -> Dataset.read(cut)).isInstanceOf(DatasetException.class);
  }
}
