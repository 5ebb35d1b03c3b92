// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.features.view.FeatureText;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Feature values by column and row in a mapped scratch file, so that the heap stays small. A text
 * is a number in the column's vocabulary, which is in a file beside it. What has been set survives
 * the end of the process (the machine's memory holds it), not that of the machine. Threads may
 * write different rows at the same time.
 */
final class FeatureMatrix implements AutoCloseable {
  private static final int BLOCK_CELLS = 1 << 16;

  private final Path file;
  private final Path textsFile;
  private final FileChannel textsOut;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment cells;
  private final long rows;
  private final Vocabulary[] vocabularies;

  /** The distinct texts of a column. */
  private static final class Vocabulary {
    private final Map<String, Integer> codes = new ConcurrentHashMap<>();
    private final List<String> texts = new CopyOnWriteArrayList<>();
  }

  private FeatureMatrix(Path file, int columns, int rows) throws IOException {
    this.file = file;
    this.textsFile = texts(file);
    this.rows = rows;
    vocabularies = new Vocabulary[columns];
    for (int i = 0; i < columns; i++) {
      vocabularies[i] = new Vocabulary();
    }
    long whole = readTexts();
    textsOut =
        FileChannel.open(textsFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)
            .truncate(whole)
            .position(whole);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      cells =
          channel.map(
              FileChannel.MapMode.READ_WRITE, 0, (long) columns * rows * Double.BYTES, arena);
    }
  }

  private static Path texts(Path file) {
    return file.resolveSibling(file.getFileName() + ".texts");
  }

  /** Opens what an earlier process has left, or makes one with all cells missing. */
  static FeatureMatrix open(Path file, int columns, int rows) throws IOException {
    long bytes = (long) columns * rows * Double.BYTES;
    if (!Files.exists(file) || Files.size(file) != bytes) {
      Files.deleteIfExists(texts(file));
      Path part = file.resolveSibling(file.getFileName() + ".part");
      // Written, not mapped: where the disk is full, writing says so and a mapping crashes.
      try (FileChannel out =
          FileChannel.open(
              part,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer block =
            ByteBuffer.allocateDirect(BLOCK_CELLS * Double.BYTES).order(ByteOrder.nativeOrder());
        while (block.hasRemaining()) {
          block.putDouble(Double.NaN);
        }
        for (long left = bytes; left > 0; ) {
          block.clear().limit((int) Math.min(left, block.capacity()));
          left -= out.write(block);
        }
      } catch (IOException e) {
        Files.deleteIfExists(part);
        throw e;
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    return new FeatureMatrix(file, columns, rows);
  }

  /** Returns up to where the file is whole. */
  private long readTexts() throws IOException {
    if (!Files.exists(textsFile)) {
      return 0;
    }
    long whole = 0;
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(textsFile)))) {
      while (true) {
        int column = in.readInt();
        byte[] utf8 = new byte[in.readInt()];
        in.readFully(utf8);
        add(vocabularies[column], new String(utf8, StandardCharsets.UTF_8));
        whole += 2L * Integer.BYTES + utf8.length;
      }
    } catch (EOFException e) {
      // The process ended while it wrote; no cell refers to what is not whole.
      return whole;
    }
  }

  private static int add(Vocabulary vocabulary, String text) {
    vocabulary.texts.add(text);
    int code = vocabulary.texts.size() - 1;
    vocabulary.codes.put(text, code);
    return code;
  }

  private int code(int column, String text) {
    Vocabulary vocabulary = vocabularies[column];
    Integer known = vocabulary.codes.get(text);
    if (known != null) {
      return known;
    }
    synchronized (textsOut) {
      Integer meanwhile = vocabulary.codes.get(text);
      if (meanwhile != null) {
        return meanwhile;
      }
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      ByteArrayOutputStream record = new ByteArrayOutputStream();
      try (DataOutputStream out = new DataOutputStream(record)) {
        out.writeInt(column);
        out.writeInt(utf8.length);
        out.write(utf8);
        ByteBuffer bytes = ByteBuffer.wrap(record.toByteArray());
        while (bytes.hasRemaining()) {
          textsOut.write(bytes);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return add(vocabulary, text);
    }
  }

  /** Sets a value: a Double, or anything else as its text; null is missing. */
  void set(int column, int row, @Nullable Object value) {
    double cell =
        switch (value) {
          case null -> Double.NaN;
          case Double number -> number;
          default -> code(column, FeatureText.of(value));
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

  /** Removes the files; they are not needed any more. */
  void delete() throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(textsFile);
  }

  @Override
  public void close() throws IOException {
    arena.close();
    textsOut.close();
  }
}
