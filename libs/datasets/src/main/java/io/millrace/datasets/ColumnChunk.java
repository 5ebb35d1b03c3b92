// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.statistics.geospatial.GeospatialStatistics;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one column of one row group: compressed with ZSTD as they come and kept until the
 * group is complete, so that the column lies in one piece in the file. Not thread-safe.
 */
final class ColumnChunk implements PageWriter {
  private static final int ZSTD_LEVEL = 3;

  private final String name;
  private final Type type;
  private final ByteArrayOutputStream pages = new ByteArrayOutputStream(4096);
  private final ByteArrayOutputStream dictionary = new ByteArrayOutputStream(0);
  private final SortedSet<Encoding> encodings = new TreeSet<>();
  private long values;
  private long nulls;
  private long uncompressedBytes;

  ColumnChunk(String name, Type type) {
    this.name = name;
    this.type = type;
  }

  /** Parquet's interface still asks for it; its writers call the other one. */
  @Deprecated
  @Override
  public void writePage(
      BytesInput bytes,
      int valueCount,
      Statistics<?> statistics,
      org.apache.parquet.column.Encoding repetition,
      org.apache.parquet.column.Encoding definition,
      org.apache.parquet.column.Encoding value)
      throws IOException {
    writePage(bytes, valueCount, valueCount, statistics, repetition, definition, value);
  }

  @Override
  public void writePage(
      BytesInput bytes,
      int valueCount,
      int rowCount,
      Statistics<?> statistics,
      org.apache.parquet.column.Encoding repetition,
      org.apache.parquet.column.Encoding definition,
      org.apache.parquet.column.Encoding value)
      throws IOException {
    writePage(bytes, valueCount, rowCount, statistics, null, null, repetition, definition, value);
  }

  @Override
  public void writePage(
      BytesInput bytes,
      int valueCount,
      int rowCount,
      Statistics<?> statistics,
      @Nullable SizeStatistics sizes,
      @Nullable GeospatialStatistics places,
      org.apache.parquet.column.Encoding repetition,
      org.apache.parquet.column.Encoding definition,
      org.apache.parquet.column.Encoding value)
      throws IOException {
    byte[] plain = bytes(bytes);
    byte[] compressed = Zstd.compress(plain, ZSTD_LEVEL);
    PageHeader header = new PageHeader(PageType.DATA_PAGE, plain.length, compressed.length);
    header.setData_page_header(
        new DataPageHeader(
            valueCount, encoding(value), encoding(definition), encoding(repetition)));
    write(pages, header, plain.length, compressed);
    values += valueCount;
    nulls += statistics.getNumNulls();
  }

  @Override
  public void writePageV2(
      int rowCount,
      int nullCount,
      int valueCount,
      BytesInput repetitionLevels,
      BytesInput definitionLevels,
      org.apache.parquet.column.Encoding dataEncoding,
      BytesInput data,
      Statistics<?> statistics) {
    throw new IllegalStateException("pages are of version 1");
  }

  @Override
  public void writeDictionaryPage(DictionaryPage page) throws IOException {
    byte[] plain = bytes(page.getBytes());
    byte[] compressed = Zstd.compress(plain, ZSTD_LEVEL);
    PageHeader header = new PageHeader(PageType.DICTIONARY_PAGE, plain.length, compressed.length);
    header.setDictionary_page_header(
        new DictionaryPageHeader(page.getDictionarySize(), encoding(page.getEncoding())));
    write(dictionary, header, plain.length, compressed);
  }

  private static byte[] bytes(BytesInput input) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.toIntExact(input.size()));
    input.writeAllTo(bytes);
    return bytes.toByteArray();
  }

  private void write(
      ByteArrayOutputStream target, PageHeader header, int plainBytes, byte[] compressed)
      throws IOException {
    int before = target.size();
    Util.writePageHeader(header, target);
    uncompressedBytes += target.size() - before + plainBytes;
    target.write(compressed);
  }

  private Encoding encoding(org.apache.parquet.column.Encoding encoding) {
    Encoding named = Encoding.valueOf(encoding.name());
    encodings.add(named);
    return named;
  }

  /** Writes the dictionary, then the pages. */
  void writeTo(OutputStream out) throws IOException {
    dictionary.writeTo(out);
    pages.writeTo(out);
  }

  int bytes() {
    return dictionary.size() + pages.size();
  }

  /** What the footer says of this chunk, which begins at the given position of the file. */
  ColumnMetaData metadata(long position) {
    List<Encoding> used = new ArrayList<>(encodings);
    ColumnMetaData metadata =
        new ColumnMetaData(
            type,
            used,
            List.of(name),
            CompressionCodec.ZSTD,
            values,
            uncompressedBytes,
            bytes(),
            position + dictionary.size());
    metadata.setStatistics(new org.apache.parquet.format.Statistics().setNull_count(nulls));
    if (dictionary.size() > 0) {
      metadata.setDictionary_page_offset(position);
    }
    return metadata;
  }

  @Override
  public long getMemSize() {
    return bytes();
  }

  @Override
  public long allocatedSize() {
    return bytes();
  }

  @Override
  public String memUsageString(String prefix) {
    return prefix + " " + name + ": " + bytes() + " bytes";
  }
}
