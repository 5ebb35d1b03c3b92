// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.Util;

/**
 * Writes a column of a row group as one data page of version 1, in front of it a dictionary where
 * that is smaller, both compressed with ZSTD. Values go from arrays to bytes without an object
 * each. Reused from chunk to chunk. Not thread-safe.
 */
final class ChunkWriter implements AutoCloseable {
  private final ZstdCompressCtx zstd;
  private final PageBytes page = new PageBytes();
  private final PageBytes terms = new PageBytes();
  private final DistinctValues distinct = new DistinctValues();
  private final ByteArrayOutputStream chunk = new ByteArrayOutputStream(1 << 16);
  private byte[] compressed = new byte[1 << 16];
  private long uncompressedBytes;

  ChunkWriter(int zstdLevel) {
    zstd = new ZstdCompressCtx().setLevel(zstdLevel);
  }

  /**
   * Writes one column.
   *
   * @param position where in the file the chunk begins
   * @return what the footer says of it
   */
  ColumnMetaData write(ColumnBuffer column, long position) throws IOException {
    chunk.reset();
    page.clear();
    terms.clear();
    uncompressedBytes = 0;
    levels(column);
    int termCount = indices(column);
    int dictionaryBytes = 0;
    if (termCount > 0) {
      PageHeader header = new PageHeader(PageType.DICTIONARY_PAGE, terms.size, 0);
      header.setDictionary_page_header(new DictionaryPageHeader(termCount, Encoding.PLAIN));
      page(header, terms);
      dictionaryBytes = chunk.size();
    } else {
      plain(column, page);
    }
    Encoding encoding = termCount > 0 ? Encoding.RLE_DICTIONARY : Encoding.PLAIN;
    PageHeader header = new PageHeader(PageType.DATA_PAGE, page.size, 0);
    header.setData_page_header(
        new DataPageHeader(column.rows, encoding, Encoding.RLE, Encoding.RLE));
    page(header, page);
    List<Encoding> used = new ArrayList<>(List.of(Encoding.RLE, Encoding.PLAIN));
    if (termCount > 0) {
      used.add(Encoding.RLE_DICTIONARY);
    }
    ColumnMetaData metadata =
        new ColumnMetaData(
            ParquetSchema.physical(column.column.type()),
            used,
            List.of(column.column.name()),
            CompressionCodec.ZSTD,
            column.rows,
            uncompressedBytes,
            chunk.size(),
            position + dictionaryBytes);
    metadata.setStatistics(new Statistics().setNull_count(column.rows - column.count));
    if (termCount > 0) {
      metadata.setDictionary_page_offset(position);
    }
    return metadata;
  }

  /** The bytes of the chunk written last. */
  ByteArrayOutputStream bytes() {
    return chunk;
  }

  /** Which rows have a value. */
  private void levels(ColumnBuffer column) {
    page.integer(0);
    if (column.count == column.rows || column.count == 0) {
      page.run(column.count == 0 ? 0 : 1, column.rows, 1);
    } else {
      int[] levels = new int[column.rows];
      for (int row = 0; row < levels.length; row++) {
        levels[row] = (int) (column.present[row >> 6] >>> row & 1);
      }
      page.hybrid(levels, levels.length, 1);
    }
    page.integerAt(0, page.size - Integer.BYTES);
  }

  /**
   * Writes the values as indices of a dictionary if that is smaller.
   *
   * @return the number of terms, 0 where the values are not written yet
   */
  private int indices(ColumnBuffer column) {
    int count = column.count;
    if (count == 0 || column.column.type() == ColumnType.BOOLEAN) {
      return 0;
    }
    int size;
    long plainBits;
    long termBits;
    if (column.column.type() == ColumnType.TEXT) {
      size = column.texts.size();
      termBits = 8 * (column.textBytes + 4L * size);
      plainBits = 8L * (count * 4L + column.textBytes * count / size);
      distinct.take(column.values, count);
    } else {
      if (!distinct.number(column.values, count)) {
        return 0;
      }
      size = distinct.size;
      termBits = 64L * size;
      plainBits = 64L * count;
    }
    int width = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(size - 1));
    if (termBits + (long) count * width > plainBits) {
      return 0;
    }
    if (column.column.type() == ColumnType.TEXT) {
      column.texts.forEach(terms::text);
    } else {
      terms.longs(distinct.values, size);
    }
    page.raw(width);
    page.hybrid(distinct.indices, count, width);
    return size;
  }

  private static void plain(ColumnBuffer column, PageBytes page) {
    switch (column.column.type()) {
      case NUMBER, INTEGER, TIMESTAMP -> page.longs(column.values, column.count);
      case BOOLEAN -> page.bits(column.values, column.count);
      case TEXT -> {
        for (int i = 0; i < column.count; i++) {
          page.text(column.texts.get((int) column.values[i]));
        }
      }
    }
  }

  private void page(PageHeader header, PageBytes plain) throws IOException {
    int bound = Math.toIntExact(Zstd.compressBound(plain.size));
    if (compressed.length < bound) {
      compressed = new byte[bound];
    }
    int length =
        zstd.compressByteArray(compressed, 0, compressed.length, plain.bytes, 0, plain.size);
    header.setCompressed_page_size(length);
    int before = chunk.size();
    Util.writePageHeader(header, chunk);
    uncompressedBytes += chunk.size() - before + plain.size;
    chunk.write(compressed, 0, length);
  }

  @Override
  public void close() {
    zstd.close();
  }
}
