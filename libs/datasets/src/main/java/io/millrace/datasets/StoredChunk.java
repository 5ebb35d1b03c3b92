// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import static io.millrace.datasets.DatasetException.required;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/** The pages of one column of one row group, read from its bytes in the file. */
final class StoredChunk implements PageReader {
  private final Deque<DataPage> pages = new ArrayDeque<>();
  private final long values;
  private @Nullable DictionaryPage dictionary;

  StoredChunk(byte[] bytes, long values, PrimitiveType type, CompressionCodec codec) {
    this.values = values;
    ByteArrayInputStream in = new ByteArrayInputStream(bytes);
    try {
      long read = 0;
      while (read < values) {
        PageHeader header = Util.readPageHeader(in);
        byte[] compressed = in.readNBytes(header.getCompressed_page_size());
        if (header.getData_page_header_v2() != null) {
          throw new DatasetException("pages of version 2 are not read; write version 1");
        }
        byte[] plain = unpack(compressed, header.getUncompressed_page_size(), codec);
        DictionaryPageHeader terms = header.getDictionary_page_header();
        if (terms != null) {
          dictionary =
              new DictionaryPage(
                  BytesInput.from(plain), terms.getNum_values(), encoding(terms.getEncoding()));
        } else {
          DataPageHeader data = required(header.getData_page_header(), "data page header");
          pages.add(
              new DataPageV1(
                  BytesInput.from(plain),
                  data.getNum_values(),
                  plain.length,
                  Statistics.createStats(type),
                  encoding(data.getRepetition_level_encoding()),
                  encoding(data.getDefinition_level_encoding()),
                  encoding(data.getEncoding())));
          read += data.getNum_values();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] unpack(byte[] compressed, int length, CompressionCodec codec)
      throws IOException {
    return switch (codec) {
      case UNCOMPRESSED -> compressed;
      case ZSTD -> Zstd.decompress(compressed, length);
      case SNAPPY -> Snappy.unpack(compressed, length);
      case GZIP -> {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
          yield in.readNBytes(length);
        }
      }
      default -> throw new DatasetException("pages packed with " + codec + " are not read");
    };
  }

  private static Encoding encoding(org.apache.parquet.format.@Nullable Encoding encoding) {
    return Encoding.valueOf(required(encoding, "encoding").name());
  }

  @Override
  public @Nullable DictionaryPage readDictionaryPage() {
    return dictionary;
  }

  @Override
  public long getTotalValueCount() {
    return values;
  }

  @Override
  public @Nullable DataPage readPage() {
    return pages.poll();
  }
}
