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
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
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

  /** See RATIONALE.md for what others cost. */
  private static final int ZSTD_LEVEL = 3;

  private static final String CREATED_BY = "millrace version 1 (build parquet-java)";

  private final Path file;
  private final Path part;
  private final List<Column> columns;
  private final ColumnBuffer[] buffers;
  private final ChunkWriter chunks = new ChunkWriter(ZSTD_LEVEL);
  private final MessageDigest fileDigest = ContentHash.sha256();
  private final OutputStream out;
  private final ContentHash[] hashes;
  private final long[] missing;
  private final List<RowGroup> groups = new ArrayList<>();
  private int groupRows;
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
    this.buffers = columns.stream().map(ColumnBuffer::new).toArray(ColumnBuffer[]::new);
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
    for (int i = 0; i < values.length; i++) {
      put(i, values[i]);
    }
    endRow();
  }

  private void put(int column, @Nullable Object value) {
    ColumnType type = columns.get(column).type();
    switch (value) {
      case null -> missing(column);
      case Double number when type == ColumnType.NUMBER -> number(column, number);
      case Double number when Double.isNaN(number) -> missing(column);
      case Number number when type == ColumnType.NUMBER -> number(column, number.doubleValue());
      case Long whole when type == ColumnType.INTEGER || type == ColumnType.TIMESTAMP ->
          integer(column, whole);
      case Boolean flag when type == ColumnType.BOOLEAN -> flag(column, flag);
      case String text when type == ColumnType.TEXT -> text(column, text);
      default ->
          throw new DatasetException(
              "column '"
                  + columns.get(column).name()
                  + "' of type "
                  + type
                  + " cannot hold a "
                  + value.getClass().getSimpleName());
    }
  }

  /** The next row has no value there. Each row gives every column once, then {@link #endRow}. */
  public void missing(int column) {
    buffers[column].missing();
  }

  /** The next row's value of a NUMBER column; NaN is missing. */
  public void number(int column, double value) {
    buffers[column].number(value);
  }

  /** The next row's values of NUMBER columns that lie side by side; NaN is missing. */
  public void numbers(int firstColumn, double[] values) {
    for (int i = 0; i < values.length; i++) {
      buffers[firstColumn + i].number(values[i]);
    }
  }

  /** The next row's value of an INTEGER or TIMESTAMP column. */
  public void integer(int column, long value) {
    buffers[column].integer(value);
  }

  /** The next row's value of a BOOLEAN column. */
  public void flag(int column, boolean value) {
    buffers[column].integer(value ? 1 : 0);
  }

  /** The next row's value of a TEXT column. */
  public void text(int column, String value) {
    buffers[column].text(value);
  }

  /** Ends a row that was given column by column. */
  public void endRow() {
    groupRows++;
    rows++;
    if (groupRows == GROUP_ROWS || (groupRows % SIZE_CHECK_ROWS == 0 && isLarge())) {
      endGroup();
    }
  }

  private boolean isLarge() {
    long bytes = 0;
    for (ColumnBuffer buffer : buffers) {
      bytes += (long) Long.BYTES * buffer.count + buffer.textBytes;
    }
    return bytes > GROUP_BYTES;
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
    chunks.close();
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
    if (groupRows == 0) {
      return;
    }
    List<ColumnChunk> described = new ArrayList<>();
    long start = position;
    long uncompressed = 0;
    try {
      for (int i = 0; i < buffers.length; i++) {
        ColumnBuffer buffer = buffers[i];
        if (buffer.rows != groupRows) {
          throw new IllegalStateException(
              "column '" + buffer.column.name() + "' was not given once a row");
        }
        ColumnMetaData metadata = chunks.write(buffer, position);
        uncompressed += metadata.getTotal_uncompressed_size();
        described.add(new ColumnChunk(0).setMeta_data(metadata));
        chunks.bytes().writeTo(out);
        position += chunks.bytes().size();
        buffer.hashInto(hashes[i]);
        missing[i] += buffer.rows - buffer.count;
        buffer.clear();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    groups.add(
        new RowGroup(described, uncompressed, groupRows)
            .setFile_offset(start)
            .setTotal_compressed_size(position - start));
    groupRows = 0;
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    position += bytes.length;
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
