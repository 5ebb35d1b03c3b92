// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.replay;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Several files together in the order of their events: always the record with the least event time
 * among those that come next in each file. Each file keeps its own order, and a record without a
 * time stays behind the one in front of it. In memory are one record of each file and one chunk.
 *
 * <p>Within a chunk, records of one kind go out together, the kind that happened first in front; so
 * kinds are apart by at most the time that one chunk covers. That of a chunk of several kinds is at
 * most half of what any of them may be late: an outcome must not come so late after what it is the
 * outcome of that its label is decided without it.
 */
final class MergedChunks implements Chunks {
  private static final int CHUNK_BYTES_MAX = 2 << 20;
  private static final long NO_TIME = Long.MIN_VALUE;

  private final int rowsMax;
  private final long mostApartMs;
  private final List<Head> open = new ArrayList<>();
  private final PriorityQueue<Head> heads =
      new PriorityQueue<>(Comparator.comparingLong(Head::timeMs).thenComparingInt(Head::number));

  /** Where a file is. */
  private static final class Head {
    private final EventFile source;
    private final int number;
    private final ChunkReader reader;
    private final RecordTimes times;
    private byte @Nullable [] record;
    private long timeMs = NO_TIME;
    private long sentBytes;

    Head(EventFile source, int number) throws IOException {
      this.source = source;
      this.number = number;
      this.reader = new ChunkReader(source.file().open(), source.file().csv(), 1);
      this.times = new RecordTimes(source, reader.header());
    }

    long timeMs() {
      return timeMs;
    }

    int number() {
      return number;
    }

    /** Goes to the next record; false at the end of the file. */
    boolean advance() throws IOException {
      long row = reader.row();
      byte[] next = reader.nextRecord();
      record = next;
      if (next == null) {
        return false;
      }
      Long time = times.of(next, row);
      timeMs = time == null ? timeMs : Math.max(timeMs, time);
      return true;
    }
  }

  /** Records of one file for the next chunk. */
  private static final class Body {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final long first;
    private int rows;
    private int recordBytes;

    Body(Head head) {
      // The record at hand has been counted already.
      first = head.reader.row() - 1;
      bytes.writeBytes(head.reader.header());
    }
  }

  /**
   * @param rowsMax records of a chunk, of all files together
   */
  MergedChunks(List<EventFile> sources, int rowsMax) throws IOException {
    this.rowsMax = rowsMax;
    this.mostApartMs =
        sources.stream()
            .map(EventFile::definition)
            .filter(Objects::nonNull)
            .mapToLong(definition -> definition.lateness().toMillis() / 2)
            .min()
            .orElse(Long.MAX_VALUE);
    try {
      for (EventFile source : sources) {
        Head head = new Head(source, open.size());
        open.add(head);
        if (head.advance()) {
          heads.add(head);
        }
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public @Nullable List<Part> next(long rowsLeft) throws IOException {
    Map<Head, Body> bodies = new LinkedHashMap<>();
    int rows = 0;
    int bytes = 0;
    long startMs = NO_TIME;
    while (rows < rowsMax && rows < rowsLeft && bytes < CHUNK_BYTES_MAX) {
      Head head = heads.peek();
      if (head == null || head.record == null) {
        break;
      }
      boolean alone = bodies.isEmpty() || (bodies.size() == 1 && bodies.containsKey(head));
      if (!alone && startMs != NO_TIME && head.timeMs - startMs > mostApartMs) {
        break;
      }
      startMs = startMs == NO_TIME ? head.timeMs : startMs;
      heads.poll();
      Body body = bodies.computeIfAbsent(head, Body::new);
      body.bytes.writeBytes(head.record);
      body.recordBytes += head.record.length;
      body.rows++;
      rows++;
      bytes += head.record.length;
      if (head.advance()) {
        heads.add(head);
      }
    }
    if (bodies.isEmpty()) {
      return null;
    }
    List<Part> parts = new ArrayList<>();
    bodies.forEach(
        (head, body) -> {
          head.sentBytes += body.recordBytes;
          parts.add(
              new Part(
                  head.source,
                  new ChunkReader.Chunk(
                      body.first, body.rows, body.bytes.toByteArray(), head.sentBytes),
                  body.recordBytes));
        });
    return parts;
  }

  @Override
  public void close() throws IOException {
    for (Head head : open) {
      head.reader.close();
    }
  }
}
