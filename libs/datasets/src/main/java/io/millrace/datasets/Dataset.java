// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import static io.millrace.datasets.DatasetException.required;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * A dataset in memory, column by column. Immutable, but the arrays are the dataset's own: callers
 * must not change them. A text that occurs often is one object.
 */
public final class Dataset {
  private static final int TAIL_BYTES = 8;

  private final int rows;
  private final Map<String, Column> columns = new LinkedHashMap<>();
  private final Map<String, Object> data = new HashMap<>();

  private Dataset(int rows, List<Column> columns) {
    this.rows = rows;
    for (Column column : columns) {
      this.columns.put(column.name(), column);
      data.put(
          column.name(),
          switch (column.type()) {
            case NUMBER, BOOLEAN -> new double[rows];
            case INTEGER, TIMESTAMP -> new Integers(new long[rows], new boolean[rows]);
            case TEXT -> new String[rows];
          });
    }
  }

  private record Integers(long[] values, boolean[] present) {}

  /**
   * Reads a file that {@link DatasetWriter} wrote.
   *
   * @throws DatasetException where it cannot be read or is not such a file
   */
  public static Dataset read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      FileMetaData footer = footer(channel, file);
      List<Column> columns = ParquetSchema.columns(required(footer.getSchema(), "schema"));
      MessageType schema = ParquetSchema.message(columns);
      Dataset dataset = new Dataset(Math.toIntExact(footer.getNum_rows()), columns);
      int first = 0;
      for (RowGroup group : required(footer.getRow_groups(), "row groups")) {
        for (int i = 0; i < columns.size(); i++) {
          ColumnMetaData chunk =
              required(
                  required(group.getColumns(), "columns").get(i).getMeta_data(), "column metadata");
          if (chunk.getCodec() != CompressionCodec.ZSTD) {
            throw new DatasetException(file + " is not compressed with ZSTD");
          }
          dataset.fill(
              columns.get(i),
              reader(channel, chunk, schema, i, group.getNum_rows()),
              first,
              Math.toIntExact(group.getNum_rows()));
        }
        first += Math.toIntExact(group.getNum_rows());
      }
      return dataset;
    } catch (IOException | RuntimeException e) {
      if (e instanceof DatasetException known) {
        throw known;
      }
      throw new DatasetException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  static FileMetaData footer(FileChannel channel, Path file) throws IOException {
    long size = channel.size();
    if (size < TAIL_BYTES + DatasetWriter.MAGIC.length) {
      throw new DatasetException(file + " is not a Parquet file");
    }
    ByteBuffer tail =
        ByteBuffer.wrap(bytes(channel, size - TAIL_BYTES, TAIL_BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    int length = tail.getInt();
    byte[] magic = new byte[DatasetWriter.MAGIC.length];
    tail.get(magic);
    if (!Arrays.equals(magic, DatasetWriter.MAGIC) || length < 0 || length > size - TAIL_BYTES) {
      throw new DatasetException(file + " is not a whole Parquet file");
    }
    return Util.readFileMetaData(
        new ByteArrayInputStream(bytes(channel, size - TAIL_BYTES - length, length)));
  }

  private static ColumnReader reader(
      FileChannel channel, ColumnMetaData chunk, MessageType schema, int column, long rows)
      throws IOException {
    long start =
        chunk.isSetDictionary_page_offset()
            ? chunk.getDictionary_page_offset()
            : chunk.getData_page_offset();
    byte[] bytes = bytes(channel, start, Math.toIntExact(chunk.getTotal_compressed_size()));
    ColumnDescriptor descriptor = schema.getColumns().get(column);
    return reader(bytes, chunk, schema, descriptor, rows, new NoConversion());
  }

  /** Reads the values of a column of a row group one by one. */
  static ColumnReader reader(
      byte[] bytes,
      ColumnMetaData chunk,
      MessageType schema,
      ColumnDescriptor descriptor,
      long rows,
      GroupConverter converter) {
    PageReader pages =
        new StoredChunk(
            bytes,
            chunk.getNum_values(),
            descriptor.getPrimitiveType(),
            required(chunk.getCodec(), "codec"));
    PageReadStore store =
        new PageReadStore() {
          @Override
          public PageReader getPageReader(ColumnDescriptor asked) {
            return pages;
          }

          @Override
          public long getRowCount() {
            return rows;
          }
        };
    return new ColumnReadStoreImpl(store, converter, schema, "parquet-java")
        .getColumnReader(descriptor);
  }

  static byte[] bytes(FileChannel channel, long position, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new DatasetException("the file ends before byte " + (position + length));
      }
    }
    return buffer.array();
  }

  private void fill(Column column, ColumnReader reader, int first, int count) {
    Object target = data.get(column.name());
    Map<String, String> texts = new HashMap<>();
    for (int row = first; row < first + count; row++) {
      boolean present = reader.getCurrentDefinitionLevel() == 1;
      switch (target) {
        case double[] numbers when column.type() == ColumnType.BOOLEAN ->
            numbers[row] = present ? (reader.getBoolean() ? 1.0 : 0.0) : Double.NaN;
        case double[] numbers -> numbers[row] = present ? reader.getDouble() : Double.NaN;
        case Integers integers -> {
          integers.values[row] = present ? reader.getLong() : 0;
          integers.present[row] = present;
        }
        case String[] strings when present -> {
          String text = reader.getBinary().toStringUsingUTF8();
          String known = texts.putIfAbsent(text, text);
          strings[row] = known == null ? text : known;
        }
        case null, default -> {}
      }
      reader.consume();
    }
  }

  public int rows() {
    return rows;
  }

  /** In file order. */
  public List<Column> columns() {
    return List.copyOf(columns.values());
  }

  public boolean has(String name) {
    return columns.containsKey(name);
  }

  /** The type of a column. */
  public ColumnType type(String name) {
    return column(name).type();
  }

  /**
   * A column as numbers, NaN where missing: numbers and integers as they are, timestamps in
   * milliseconds, true as 1 and false as 0.
   *
   * @throws DatasetException where there is no such column or it is text
   */
  public double[] numbers(String name) {
    column(name);
    return switch (data.get(name)) {
      case double[] numbers -> numbers;
      case Integers integers -> {
        double[] numbers = new double[rows];
        for (int i = 0; i < rows; i++) {
          numbers[i] = integers.present[i] ? integers.values[i] : Double.NaN;
        }
        yield numbers;
      }
      case null, default -> throw new DatasetException("column '" + name + "' is text");
    };
  }

  /**
   * An integer or timestamp column without missing values.
   *
   * @throws DatasetException where it is something else or a value is missing
   */
  public long[] integers(String name) {
    column(name);
    if (!(data.get(name) instanceof Integers integers)) {
      throw new DatasetException("column '" + name + "' does not hold integers");
    }
    for (int i = 0; i < rows; i++) {
      if (!integers.present[i]) {
        throw new DatasetException("column '" + name + "' has no value in row " + i);
      }
    }
    return integers.values;
  }

  /** A column as text, null where missing; other types in Java's spelling of their values. */
  public @Nullable String[] texts(String name) {
    Column column = column(name);
    if (data.get(name) instanceof String[] texts) {
      return texts;
    }
    @Nullable String[] texts = new String[rows];
    for (int i = 0; i < rows; i++) {
      Object value = value(column, i);
      texts[i] = value == null ? null : value.toString();
    }
    return texts;
  }

  /** One value in its column's type; null where missing. */
  public @Nullable Object value(String name, int row) {
    return value(column(name), row);
  }

  private @Nullable Object value(Column column, int row) {
    return switch (data.get(column.name())) {
      case double[] numbers when Double.isNaN(numbers[row]) -> null;
      case double[] numbers when column.type() == ColumnType.BOOLEAN -> numbers[row] != 0;
      case double[] numbers -> numbers[row];
      case Integers integers -> integers.present[row] ? integers.values[row] : null;
      case String[] texts -> texts[row];
      case null, default -> throw new IllegalStateException("column without data");
    };
  }

  private Column column(String name) {
    Column column = columns.get(name);
    if (column == null) {
      throw new DatasetException("no column '" + name + "'");
    }
    return column;
  }

  /** Columns are read one by one; Parquet's record assembly is not used. */
  private static final class NoConversion extends GroupConverter {
    @Override
    public Converter getConverter(int field) {
      return new PrimitiveConverter() {};
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
  }
}
