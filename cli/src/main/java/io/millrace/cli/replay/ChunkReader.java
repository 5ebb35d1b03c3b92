// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.replay;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a file into chunks of whole records, each with the CSV header before it. Records are counted
 * as the receiver counts them, for it numbers them to know them again: empty lines are left out, a
 * quote quotes only where a field begins, and a carriage return alone ends a line. Not thread-safe.
 */
final class ChunkReader implements AutoCloseable {
  static final int RECORD_BYTES_MAX = 1 << 20;
  private static final int CHUNK_BYTES_MAX = 2 << 20;
  private static final int[] BYTE_ORDER_MARK = {0xEF, 0xBB, 0xBF};

  private final InputStream in;
  private final boolean csv;
  private final int rowsMax;
  private final byte[] header;
  private long line = 1;
  private long recordLine = 1;
  private long row;
  private long bytes;

  /**
   * @param in can be marked
   * @param rowsMax records of a chunk
   */
  ChunkReader(InputStream in, boolean csv, int rowsMax) throws IOException {
    this.in = in;
    this.csv = csv;
    this.rowsMax = rowsMax;
    byte[] first = csv ? record() : null;
    if (csv && first == null) {
      throw new ReplayException("the file has no header");
    }
    this.header = first == null ? new byte[0] : first;
  }

  /**
   * A part of the file.
   *
   * @param first number of its first record, from 0
   * @param rows number of records
   * @param body what to send
   * @param end bytes of the file up to its end
   */
  record Chunk(long first, int rows, byte[] body, long end) {}

  /** The next chunk of at most so many records, null at the end. */
  @Nullable Chunk next(long rowsLeft) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream(CHUNK_BYTES_MAX / 4);
    body.write(header);
    int rows = 0;
    while (rows < rowsMax && rows < rowsLeft && body.size() < CHUNK_BYTES_MAX) {
      byte[] record = record();
      if (record == null) {
        break;
      }
      body.write(record);
      rows++;
    }
    if (rows == 0) {
      return null;
    }
    Chunk chunk = new Chunk(row, rows, body.toByteArray(), bytes);
    row += rows;
    return chunk;
  }

  /** The CSV header with a line feed at its end; empty for NDJSON. */
  byte[] header() {
    return header;
  }

  /** Number of the record that comes next, from 0. */
  long row() {
    return row;
  }

  /** Bytes of the file that have been read. */
  long bytes() {
    return bytes;
  }

  /** The next record with a line feed at its end, null at the end of the file. */
  byte @Nullable [] nextRecord() throws IOException {
    byte[] record = record();
    if (record != null) {
      row++;
    }
    return record;
  }

  /** The next record with a line feed at its end, null at the end of the file. */
  private byte @Nullable [] record() throws IOException {
    ByteArrayOutputStream record = new ByteArrayOutputStream(256);
    boolean quoted = false;
    boolean opens = csv;
    boolean blank = true;
    recordLine = line;
    while (true) {
      int read = in.read();
      if (read < 0) {
        if (quoted) {
          throw brokenQuote();
        }
        if (blank) {
          return null;
        }
        record.write('\n');
        return record.toByteArray();
      }
      bytes++;
      boolean lineEnd = read == '\n' || (csv && read == '\r' && !isLineFeedNext());
      if (lineEnd) {
        line++;
      }
      if (lineEnd && !quoted) {
        if (!blank) {
          record.write('\n');
          return record.toByteArray();
        }
        record.reset();
        recordLine = line;
        opens = csv;
        continue;
      }
      if (read == '"' && (quoted || opens)) {
        quoted = !quoted;
        // Right after the quote that closes, another one is a quote in the field's text.
        opens = !quoted;
      } else {
        opens = csv && (read == ',' || (opens && isByteOrderMark(read)));
      }
      blank = blank && (csv ? read == '\r' : read <= ' ');
      record.write(read);
      if (record.size() > RECORD_BYTES_MAX) {
        throw quoted
            ? brokenQuote()
            : new ReplayException(
                "line " + recordLine + ": a record has at most " + RECORD_BYTES_MAX + " bytes");
      }
    }
  }

  private boolean isLineFeedNext() throws IOException {
    in.mark(1);
    int next = in.read();
    in.reset();
    return next == '\n';
  }

  private boolean isByteOrderMark(int read) {
    return bytes <= BYTE_ORDER_MARK.length && read == BYTE_ORDER_MARK[(int) bytes - 1];
  }

  private ReplayException brokenQuote() {
    return new ReplayException(
        "line " + recordLine + ": a quote that opens in this record is never closed");
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
