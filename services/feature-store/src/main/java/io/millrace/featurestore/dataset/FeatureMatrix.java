// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Feature values by column and row in a mapped scratch file, so that the heap stays small. A text
 * is a number in the column's vocabulary. Threads may write different rows at the same time.
 */
final class FeatureMatrix implements AutoCloseable {
  private final Path file;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment cells;
  private final long rows;
  private final Vocabulary[] vocabularies;

  /** The distinct texts of a column. */
  private static final class Vocabulary {
    private final Map<String, Integer> codes = new ConcurrentHashMap<>();
    private final List<String> texts = new CopyOnWriteArrayList<>();

    int code(String text) {
      Integer known = codes.get(text);
      if (known != null) {
        return known;
      }
      synchronized (this) {
        return codes.computeIfAbsent(
            text,
            absent -> {
              texts.add(absent);
              return texts.size() - 1;
            });
      }
    }
  }

  /** All cells missing. */
  FeatureMatrix(Path file, int columns, int rows) throws IOException {
    this.file = file;
    this.rows = rows;
    vocabularies = new Vocabulary[columns];
    for (int i = 0; i < columns; i++) {
      vocabularies[i] = new Vocabulary();
    }
    long count = (long) columns * rows;
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      cells = channel.map(FileChannel.MapMode.READ_WRITE, 0, count * Double.BYTES, arena);
    }
    for (long i = 0; i < count; i++) {
      cells.setAtIndex(ValueLayout.JAVA_DOUBLE, i, Double.NaN);
    }
  }

  /** Sets a value: a Double, or anything else as its text; null is missing. */
  void set(int column, int row, @Nullable Object value) {
    double cell =
        switch (value) {
          case null -> Double.NaN;
          case Double number -> number;
          default -> vocabularies[column].code(value.toString());
        };
    cells.setAtIndex(ValueLayout.JAVA_DOUBLE, column * rows + row, cell);
  }

  /** A number, or null where missing. */
  @Nullable Double number(int column, int row) {
    double cell = cells.getAtIndex(ValueLayout.JAVA_DOUBLE, column * rows + row);
    return Double.isNaN(cell) ? null : cell;
  }

  /** A text, or null where missing. */
  @Nullable String text(int column, int row) {
    Double code = number(column, row);
    return code == null ? null : vocabularies[column].texts.get(code.intValue());
  }

  @Override
  public void close() throws IOException {
    arena.close();
    Files.deleteIfExists(file);
  }
}
