// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.file;

import io.millrace.datasets.DatasetException;
import io.millrace.datasets.ParquetTable;
import io.millrace.featurestore.dataset.SpineTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Spines in Parquet, known by their first bytes, and whatever else another opener reads. */
public final class SpineFiles implements SpineTable.Opener {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private final SpineTable.Opener otherwise;

  public SpineFiles(SpineTable.Opener otherwise) {
    this.otherwise = otherwise;
  }

  @Override
  public SpineTable open(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
        return otherwise.open(file);
      }
    }
    try {
      ParquetTable table = ParquetTable.open(file);
      return new SpineTable() {
        @Override
        public List<String> columns() {
          return table.columns();
        }

        @Override
        public @Nullable Object @Nullable [] next() throws IOException {
          try {
            return table.next();
          } catch (DatasetException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
          }
        }

        @Override
        public String place() {
          return "row " + table.row();
        }

        @Override
        public void close() throws IOException {
          table.close();
        }
      };
    } catch (DatasetException e) {
      throw new IllegalArgumentException("the spine: " + e.getMessage(), e);
    }
  }
}
