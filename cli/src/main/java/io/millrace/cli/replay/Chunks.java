// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.replay;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be sent, bit by bit. Not thread-safe. */
interface Chunks extends AutoCloseable {
  /**
   * A chunk of one file.
   *
   * @param bytes of the file that it takes the place of
   */
  record Part(EventFile source, ChunkReader.Chunk chunk, int bytes) {}

  /** Parts to be sent one after the other, of at most so many records; null at the end. */
  @Nullable List<Part> next(long rowsLeft) throws IOException;

  @Override
  void close() throws IOException;

  /** A file in its own order. */
  static Chunks of(EventFile source, int rows) throws IOException {
    ChunkReader reader = new ChunkReader(source.file().open(), source.file().csv(), rows);
    return new Chunks() {
      private long before;

      @Override
      public @Nullable List<Part> next(long rowsLeft) throws IOException {
        ChunkReader.Chunk chunk = reader.next(rowsLeft);
        if (chunk == null) {
          return null;
        }
        int bytes = (int) (chunk.end() - before);
        before = chunk.end();
        return List.of(new Part(source, chunk, bytes));
      }

      @Override
      public void close() throws IOException {
        reader.close();
      }
    };
  }
}
