// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows into one Parquet file (version 1 pages, ZSTD) and hashes the columns on the way. At
 * most one row group of {@value #GROUP_ROWS} rows or about {@value #GROUP_BYTES} bytes is held in
 * memory. Equal rows give equal bytes. The file appears under its name only when {@link #finish()}
 * has completed it; {@link #close()} without that leaves nothing behind. Not thread-safe.
 */
public final class DatasetWriter implements AutoCloseable {
  /** Rows of a row group. */
  public static final int GROUP_ROWS = 65_536;

  /** Bytes after which a row group is ended early. */
  public static final int GROUP_BYTES = 32 * 1024 * 1024;

  static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int SIZE_CHECK_ROWS = 1024;
  private static final String CREATED_BY = "millrace version 1 (build parquet-java)";

  private final Path file;
  private final Path part;
  private final List<Column> columns;
  private final MessageType schema;
  private final ParquetProperties properties;
  private final MessageDigest fileDigest = ContentHash.sha256();
  private final OutputStream out;
  private final ContentHash[] hashes;
  private final long[] missing;
  private final List<RowGroup> groups = new ArrayList<>();
  private @Nullable Group group;
  private long rows;
  private long position;
  private boolean finished;

  /**
   * @param file where the dataset shall be; its folder must exist
   * @throws UncheckedIOException where the file cannot be created
   */
  public DatasetWriter(Path file, List<Column> columns) {
    if (columns.stream().map(Column::name).distinct().count() != columns.size()) {
      throw new IllegalArgumentException("two columns have one name");
    }
    this.file = file;
    this.part = file.resolveSibling(file.getFileName() + ".part");
    this.columns = List.copyOf(columns);
    this.schema = ParquetSchema.message(columns);
    this.properties =
        ParquetProperties.builder()
            .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_1_0)
            .withDictionaryEncoding(true)
            .withStatisticsEnabled(true)
            .build();
    this.hashes = new ContentHash[columns.size()];
    this.missing = new long[columns.size()];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = new ContentHash();
    }
    try {
      out =
          new DigestOutputStream(
              new BufferedOutputStream(Files.newOutputStream(part), 1 << 16), fileDigest);
      write(MAGIC);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What has been written.
   *
   * @param contentHash over all columns, see {@link DatasetManifest#contentHash()}
   */
  public record Written(
      DatasetManifest.ManifestFile file,
      List<DatasetManifest.ManifestColumn> columns,
      String contentHash) {}

  /**
   * Adds a row: one value per column, of the column's type (a NUMBER also takes a {@link Long});
   * null and NaN are missing.
   *
   * @throws DatasetException where a value does not fit its column
   */
  public void row(@Nullable Object... values) {
    if (values.length != columns.size()) {
      throw new DatasetException(values.length + " values for " + columns.size() + " columns");
    }
    if (group == null) {
      group = new Group();
    }
    for (int i = 0; i < values.length; i++) {
      write(i, values[i], group.writers[i]);
    }
    group.store.endRecord();
    group.rows++;
    rows++;
    if (group.rows == GROUP_ROWS
        || (group.rows % SIZE_CHECK_ROWS == 0 && group.store.getBufferedSize() > GROUP_BYTES)) {
      endGroup();
    }
  }

  private void write(int column, @Nullable Object value, ColumnWriter writer) {
    ContentHash hash = hashes[column];
    if (value == null || (value instanceof Double number && Double.isNaN(number))) {
      writer.writeNull(0, 0);
      hash.missing();
      missing[column]++;
      return;
    }
    ColumnType type = columns.get(column).type();
    if (type == ColumnType.NUMBER && value instanceof Number number) {
      writer.write(number.doubleValue(), 0, 1);
      hash.number(number.doubleValue());
    } else if ((type == ColumnType.INTEGER || type == ColumnType.TIMESTAMP)
        && value instanceof Long whole) {
      writer.write((long) whole, 0, 1);
      hash.integer(whole);
    } else if (type == ColumnType.BOOLEAN && value instanceof Boolean flag) {
      writer.write((boolean) flag, 0, 1);
      hash.flag(flag);
    } else if (type == ColumnType.TEXT && value instanceof String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      writer.write(Binary.fromConstantByteArray(utf8), 0, 1);
      hash.text(utf8);
    } else {
      throw new DatasetException(
          "column '"
              + columns.get(column).name()
              + "' of type "
              + type
              + " cannot hold a "
              + value.getClass().getSimpleName());
    }
  }

  /** Completes the file and gives it its name. */
  public Written finish() {
    try {
      endGroup();
      long footer = position;
      Util.writeFileMetaData(
          new FileMetaData(1, ParquetSchema.elements(columns), rows, groups)
              .setCreated_by(CREATED_BY),
          new Counting());
      write(
          ByteBuffer.allocate(Integer.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(Math.toIntExact(position - footer))
              .array());
      write(MAGIC);
      out.close();
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      finished = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<DatasetManifest.ManifestColumn> described = new ArrayList<>();
    for (int i = 0; i < hashes.length; i++) {
      Column column = columns.get(i);
      described.add(
          new DatasetManifest.ManifestColumn(
              column.name(), column.type(), missing[i], hashes[i].hex()));
    }
    return new Written(
        new DatasetManifest.ManifestFile(
            String.valueOf(file.getFileName()),
            rows,
            position,
            HexFormat.of().formatHex(fileDigest.digest())),
        described,
        ContentHash.ofColumns(described));
  }

  /** Without {@link #finish()}: drops what has been written. */
  @Override
  public void close() {
    if (finished) {
      return;
    }
    try {
      out.close();
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void endGroup() {
    if (group == null) {
      return;
    }
    group.store.flush();
    List<org.apache.parquet.format.ColumnChunk> chunks = new ArrayList<>();
    long start = position;
    long uncompressed = 0;
    try {
      for (ColumnChunk chunk : group.chunks) {
        ColumnMetaData metadata = chunk.metadata(position);
        uncompressed += metadata.getTotal_uncompressed_size();
        chunks.add(new org.apache.parquet.format.ColumnChunk(0).setMeta_data(metadata));
        chunk.writeTo(out);
        position += chunk.bytes();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    groups.add(
        new RowGroup(chunks, uncompressed, group.rows)
            .setFile_offset(start)
            .setTotal_compressed_size(position - start));
    group.store.close();
    group = null;
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    position += bytes.length;
  }

  /** The rows that are not in the file yet. */
  private final class Group {
    private final ColumnChunk[] chunks = new ColumnChunk[columns.size()];
    private final ColumnWriter[] writers = new ColumnWriter[columns.size()];
    private final ColumnWriteStore store;
    private int rows;

    Group() {
      for (int i = 0; i < chunks.length; i++) {
        Column column = columns.get(i);
        chunks[i] = new ColumnChunk(column.name(), ParquetSchema.physical(column.type()));
      }
      store =
          properties.newColumnWriteStore(
              schema, descriptor -> chunks[schema.getFieldIndex(descriptor.getPath()[0])]);
      for (int i = 0; i < writers.length; i++) {
        writers[i] = store.getColumnWriter(schema.getColumns().get(i));
      }
    }
  }

  /** Passes on and counts. */
  private final class Counting extends OutputStream {
    @Override
    public void write(int value) throws IOException {
      out.write(value);
      position++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      position += length;
    }
  }
}
