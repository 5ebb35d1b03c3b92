// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;

/**
 * Writes states of one plan, whole or as a head and segments. Immutable.
 *
 * <p>A state begins with three bits of version. Its newest event time and its number of updates are
 * written relative to what the caller knows already and to the state before in the same writer.
 */
final class StateCodec {
  static final int ENCODING = 2;
  private static final int VERSION_BITS = 3;

  private final Ring[] rings;

  /** Distinct values in the order of rings: their ring, and their place in it. */
  private final int[] distinctRing;

  private final int[] distinctIndex;

  StateCodec(Ring[] rings) {
    this.rings = rings;
    int count = Arrays.stream(rings).mapToInt(Ring::distinctCount).sum();
    distinctRing = new int[count];
    distinctIndex = new int[count];
    int at = 0;
    for (int ring = 0; ring < rings.length; ring++) {
      for (int i = 0; i < rings[ring].distinctCount(); i++) {
        distinctRing[at] = ring;
        distinctIndex[at++] = i;
      }
    }
  }

  private SlidingDistinct distinct(ViewState state, int which) {
    return state.rings[distinctRing[which]].distinct[distinctIndex[which]];
  }

  void write(ViewState state, ByteWriter out, long baseTimeMs) {
    progress(state, out, baseTimeMs);
    for (int i = 0; i < rings.length; i++) {
      rings[i].write(state.rings[i], out);
    }
  }

  private static void progress(ViewState state, ByteWriter out, long baseTimeMs) {
    out.bits(ENCODING, VERSION_BITS);
    boolean sameCount = state.eventCount == out.previousCount;
    out.flag(sameCount);
    if (!sameCount) {
      out.unsigned(state.eventCount);
      out.previousCount = state.eventCount;
    }
    boolean sameTime = state.lastEventTimeMs == baseTimeMs;
    out.flag(sameTime);
    if (!sameTime) {
      out.signed(state.lastEventTimeMs - baseTimeMs);
    }
    out.newestMs = state.lastEventTimeMs;
  }

  void read(ViewState state, ByteReader in, long baseTimeMs) {
    readProgress(state, in, baseTimeMs);
    for (int i = 0; i < rings.length; i++) {
      rings[i].read(state.rings[i], in);
    }
  }

  void readHead(ViewState state, ByteReader in) {
    readProgress(state, in, 0);
    for (int i = 0; i < rings.length; i++) {
      rings[i].readHead(state.rings[i], in);
    }
  }

  private static void readProgress(ViewState state, ByteReader in, long baseTimeMs) {
    state.reset();
    int encoding = (int) in.bits(VERSION_BITS);
    if (encoding != ENCODING) {
      throw new IllegalArgumentException("feature state encoding " + encoding + " is unknown");
    }
    if (!in.flag()) {
      in.previousCount = in.unsigned();
    }
    state.eventCount = in.previousCount;
    state.lastEventTimeMs = in.flag() ? baseTimeMs : baseTimeMs + in.signed();
    in.newestMs = state.lastEventTimeMs;
  }

  void writeChanges(ViewState state, ByteWriter out, SegmentSink sink) {
    boolean all = state.changes == null;
    BlockChanges[] changes = state.trackChanges();
    for (int i = 0; i < rings.length; i++) {
      if (rings[i].isStoredInBlocks()) {
        if (all) {
          allChanged(rings[i], state.rings[i], changes[i]);
        }
        writeBlocks(i, state, changes[i], out, sink);
      }
    }
    for (int i = 0; i < distinctRing.length; i++) {
      SlidingDistinct values = distinct(state, i);
      state.rings[distinctRing[i]].syncDistinct();
      values.track();
      writeValues(rings.length + 2 * i, values, out, sink);
      writeRegisters(rings.length + 2 * i + 1, values, out, sink);
    }
    out.reset();
    progress(state, out, 0);
    for (int i = 0; i < rings.length; i++) {
      rings[i].writeHead(state.rings[i], out);
    }
    int length = out.length();
    sink.head(out.array(), length);
  }

  private static void allChanged(Ring ring, Tiles tiles, BlockChanges changes) {
    for (int slot = 0; slot < tiles.size; slot++) {
      changes.changed(ring.blockOf(tiles.keys[slot]));
    }
  }

  private void writeBlocks(
      int part, ViewState state, BlockChanges changes, ByteWriter out, SegmentSink sink) {
    Ring ring = rings[part];
    Tiles tiles = state.rings[part];
    if (tiles.size == 0) {
      return;
    }
    long oldest = ring.blockOf(tiles.keys[0]);
    long newest = ring.blockOf(tiles.keys[tiles.size - 1]);
    int gone = changes.storedBefore(oldest);
    for (int i = 0; i < gone; i++) {
      sink.remove(part, changes.storedAt(i));
    }
    changes.forgetFirst(gone);
    for (int i = 0; i < changes.changedCount(); i++) {
      long block = changes.changedAt(i);
      if (block >= oldest && block < newest) {
        out.reset();
        out.newestMs = state.lastEventTimeMs;
        segment(ring, tiles, block, out);
        int length = out.length();
        sink.put(part, block, out.array(), length);
        changes.stored(block);
      }
    }
    changes.clearChanged();
  }

  /** Times are relative to the block, as the head's newest time moves on. */
  private static void segment(Ring ring, Tiles tiles, long block, ByteWriter out) {
    out.newestMs = ring.blockStartMs(block);
    out.bits(ENCODING, VERSION_BITS);
    ring.writeBlock(tiles, block, out);
  }

  private static void writeValues(
      int part, SlidingDistinct values, ByteWriter out, SegmentSink sink) {
    BlockChanges changes = values.valueBlocks;
    for (int i = 0; i < changes.changedCount(); i++) {
      long block = changes.changedAt(i);
      int first = SlidingDistinctCodec.blockStart(values, block);
      int end = SlidingDistinctCodec.blockStart(values, block + 1);
      if (first == end) {
        sink.remove(part, block);
        changes.notStored(block);
      } else {
        out.reset();
        out.bits(ENCODING, VERSION_BITS);
        out.signed(values.newest());
        SlidingDistinctCodec.write(values, first, end, out);
        int length = out.length();
        sink.put(part, block, out.array(), length);
        changes.stored(block);
      }
    }
    changes.clearChanged();
  }

  private static void writeRegisters(
      int part, SlidingDistinct values, ByteWriter out, SegmentSink sink) {
    BlockChanges changes = values.registerBlocks;
    SlidingHyperLogLog estimator = values.estimator();
    if (estimator == null) {
      for (int i = 0; i < changes.storedCount(); i++) {
        sink.remove(part, changes.storedAt(i));
      }
      changes.reset();
      return;
    }
    for (int i = 0; i < changes.changedCount(); i++) {
      int block = (int) changes.changedAt(i);
      out.reset();
      out.bits(ENCODING, VERSION_BITS);
      out.signed(values.newest());
      estimator.write(
          block * SlidingHyperLogLog.BLOCK,
          (block + 1) * SlidingHyperLogLog.BLOCK,
          values.newest(),
          out);
      int length = out.length();
      sink.put(part, block, out.array(), length);
      changes.stored(block);
    }
    changes.clearChanged();
  }

  void readSegment(ViewState state, Segment segment, ByteReader in) {
    int part = segment.part();
    boolean ofTiles = part >= 0 && part < rings.length && rings[part].isStoredInBlocks();
    boolean ofValues = part >= rings.length && part < rings.length + 2 * distinctRing.length;
    if (!ofTiles && !ofValues) {
      throw new IllegalArgumentException("corrupt feature state: segment of part " + part);
    }
    in.reset(segment.bytes(), 0, segment.bytes().length);
    int encoding = (int) in.bits(VERSION_BITS);
    if (encoding != ENCODING) {
      throw new IllegalArgumentException("feature state encoding " + encoding + " is unknown");
    }
    if (ofTiles) {
      in.newestMs = rings[part].blockStartMs(segment.block());
      rings[part].readBlock(state.rings[part], in);
      state.trackChanges()[part].stored(segment.block());
    } else {
      readValues(state, part - rings.length, segment.block(), in);
    }
    if (!in.atEnd()) {
      throw new IllegalArgumentException("corrupt feature state: bytes left over");
    }
  }

  private void readValues(ViewState state, int part, long block, ByteReader in) {
    SlidingDistinct values = distinct(state, part / 2);
    long then = in.signed();
    if (part % 2 == 0) {
      SlidingDistinctCodec.read(values, in, then);
      values.valueBlocks.stored(block);
      return;
    }
    SlidingHyperLogLog estimator = values.estimator();
    long blocks = SlidingHyperLogLog.REGISTERS / SlidingHyperLogLog.BLOCK;
    if (estimator == null || block < 0 || block >= blocks) {
      throw new IllegalArgumentException("corrupt feature state: registers " + block);
    }
    int first = (int) block * SlidingHyperLogLog.BLOCK;
    estimator.read(first, first + SlidingHyperLogLog.BLOCK, then, in);
    values.registerBlocks.stored(block);
  }

  /** Ends the reading of segments. */
  void complete(ViewState state) {
    state.trackChanges();
    for (int i = 0; i < rings.length; i++) {
      rings[i].trim(state.rings[i]);
    }
  }
}
