// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import static io.millrace.datasets.DatasetException.required;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.format.Type;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a flat Parquet file, whoever wrote it: numbers, texts, truth values, dates and
 * timestamps in pages of version 1, plain or packed with Snappy, ZSTD or gzip. One row group is in
 * memory at a time. Not thread-safe.
 */
public final class ParquetTable implements AutoCloseable {
  static final long DAY_MS = 86_400_000;
  private static final int MICROS = 1_000;
  private static final int NANOS = 1_000_000;

  private final FileChannel channel;
  private final List<Field> fields = new ArrayList<>();
  private final MessageType schema;
  private final List<RowGroup> groups;
  private final List<ColumnReader> readers = new ArrayList<>();
  private final List<Cells> cells = new ArrayList<>();
  private int group;
  private long left;
  private long row;

  /**
   * A column.
   *
   * @param divisor of whole numbers that are times, to milliseconds; 0 for other values
   */
  record Field(String name, PrimitiveTypeName type, boolean isDay, int divisor) {}

  private ParquetTable(FileChannel channel, Path file) throws IOException {
    this.channel = channel;
    FileMetaData footer = Dataset.footer(channel, file);
    this.groups = required(footer.getRow_groups(), "row groups");
    List<SchemaElement> elements = required(footer.getSchema(), "schema");
    List<org.apache.parquet.schema.Type> types = new ArrayList<>();
    for (SchemaElement element : elements.subList(1, elements.size())) {
      Field field = field(element);
      fields.add(field);
      types.add(
          (element.getRepetition_type() == FieldRepetitionType.REQUIRED
                  ? Types.required(field.type())
                  : Types.optional(field.type()))
              .named(field.name()));
    }
    this.schema = new MessageType("table", types);
  }

  /**
   * Opens a file.
   *
   * @throws DatasetException where it is no flat Parquet file, or a column's type is not read
   */
  public static ParquetTable open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new ParquetTable(channel, file);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static Field field(SchemaElement element) {
    String name = required(element.getName(), "column name");
    if (element.isSetNum_children()
        || element.getRepetition_type() == FieldRepetitionType.REPEATED) {
      throw new DatasetException("column '" + name + "' is nested or a list");
    }
    Type stored = required(element.getType(), "column type");
    ConvertedType converted = element.getConverted_type();
    LogicalType logical = element.getLogicalType();
    if (converted == ConvertedType.DECIMAL || (logical != null && logical.isSetDECIMAL())) {
      throw new DatasetException("column '" + name + "' is a decimal; write it as a double");
    }
    return switch (stored) {
      case BOOLEAN, FLOAT, DOUBLE ->
          new Field(name, PrimitiveTypeName.valueOf(stored.name()), false, 0);
      case INT32 ->
          new Field(
              name,
              PrimitiveTypeName.INT32,
              converted == ConvertedType.DATE || (logical != null && logical.isSetDATE()),
              0);
      case INT64 -> new Field(name, PrimitiveTypeName.INT64, false, divisor(converted, logical));
      case BYTE_ARRAY -> new Field(name, PrimitiveTypeName.BINARY, false, 0);
      default -> throw new DatasetException("column '" + name + "' of type " + stored);
    };
  }

  private static int divisor(@Nullable ConvertedType converted, @Nullable LogicalType logical) {
    if (logical != null && logical.isSetTIMESTAMP()) {
      TimeUnit unit = required(logical.getTIMESTAMP().getUnit(), "unit of a timestamp");
      return unit.isSetNANOS() ? NANOS : unit.isSetMICROS() ? MICROS : 1;
    }
    return converted == ConvertedType.TIMESTAMP_MICROS
        ? MICROS
        : converted == ConvertedType.TIMESTAMP_MILLIS ? 1 : 0;
  }

  /** Names of the columns, in the order of the file. */
  public List<String> columns() {
    return fields.stream().map(Field::name).toList();
  }

  /** Number of the last row, from 1; 0 before the first. */
  public long row() {
    return row;
  }

  /**
   * The next row: Double, Long (times in milliseconds), Boolean or String each, null where missing;
   * null at the end.
   *
   * @throws DatasetException where the file is broken
   */
  public @Nullable Object @Nullable [] next() throws IOException {
    while (left == 0) {
      if (group == groups.size()) {
        return null;
      }
      begin(groups.get(group++));
    }
    @Nullable Object[] values = new Object[fields.size()];
    try {
      for (int i = 0; i < values.length; i++) {
        values[i] = cells.get(i).next(readers.get(i));
      }
    } catch (RuntimeException e) {
      throw new DatasetException("row " + (row + 1) + " cannot be read: " + e.getMessage(), e);
    }
    left--;
    row++;
    return values;
  }

  private void begin(RowGroup next) throws IOException {
    readers.clear();
    cells.clear();
    left = next.getNum_rows();
    for (int i = 0; i < fields.size(); i++) {
      ColumnMetaData chunk =
          required(required(next.getColumns(), "columns").get(i).getMeta_data(), "column metadata");
      long start =
          chunk.isSetDictionary_page_offset() && chunk.getDictionary_page_offset() > 0
              ? Math.min(chunk.getDictionary_page_offset(), chunk.getData_page_offset())
              : chunk.getData_page_offset();
      ColumnDescriptor descriptor = schema.getColumns().get(i);
      byte[] bytes =
          Dataset.bytes(channel, start, Math.toIntExact(chunk.getTotal_compressed_size()));
      Cells of = new Cells(fields.get(i));
      cells.add(of);
      readers.add(Dataset.reader(bytes, chunk, schema, descriptor, left, of.parent()));
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
