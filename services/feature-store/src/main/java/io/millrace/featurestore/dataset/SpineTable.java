// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of rows and columns, read once from its beginning. Not thread-safe. */
public interface SpineTable extends AutoCloseable {
  /** Names of the columns. */
  List<String> columns();

  /**
   * The next row, String, Long, Double or Boolean each; null at the end.
   *
   * @throws IllegalArgumentException naming the line where it cannot be read
   */
  @Nullable Object @Nullable [] next() throws IOException;

  /** For people: where the last row is in the file. */
  String place();

  @Override
  void close() throws IOException;

  /** Opens files, whatever their format. Thread-safe. */
  @FunctionalInterface
  interface Opener {
    /**
     * @throws IllegalArgumentException where it is no table, saying why
     */
    SpineTable open(Path file) throws IOException;
  }
}
