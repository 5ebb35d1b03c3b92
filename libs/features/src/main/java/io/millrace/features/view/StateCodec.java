// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

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

  StateCodec(Ring[] rings) {
    this.rings = rings;
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
    for (int i = 0; i < rings.length; i++) {
      rings[i].read(state.rings[i], in);
    }
  }

  void writeChanges(ViewState state, SegmentSink sink) {
    ByteWriter out = state.writer;
    boolean all = state.changes == null;
    BlockChanges[] changes = state.trackChanges();
    for (int i = 0; i < rings.length; i++) {
      if (rings[i].isStoredInBlocks()) {
        if (all) {
          allChanged(rings[i], state.rings[i], changes[i]);
        }
        writeBlocks(i, state, changes[i], sink);
      }
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

  private void writeBlocks(int part, ViewState state, BlockChanges changes, SegmentSink sink) {
    Ring ring = rings[part];
    Tiles tiles = state.rings[part];
    if (tiles.size == 0) {
      return;
    }
    ByteWriter out = state.writer;
    long oldest = ring.blockOf(tiles.keys[0]);
    long newest = ring.blockOf(tiles.keys[tiles.size - 1]);
    int gone = changes.storedBefore(oldest);
    for (int i = 0; i < gone; i++) {
      sink.remove(part, changes.storedAt(i));
    }
    changes.forgetFirst(gone);
    changes.sortChanged();
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

  void readSegment(ViewState state, Segment segment, ByteReader in) {
    int part = segment.part();
    if (part < 0 || part >= rings.length || !rings[part].isStoredInBlocks()) {
      throw new IllegalArgumentException("corrupt feature state: segment of part " + part);
    }
    in.reset(segment.bytes(), 0, segment.bytes().length);
    int encoding = (int) in.bits(VERSION_BITS);
    if (encoding != ENCODING) {
      throw new IllegalArgumentException("feature state encoding " + encoding + " is unknown");
    }
    in.newestMs = rings[part].blockStartMs(segment.block());
    rings[part].read(state.rings[part], in);
    if (!in.atEnd()) {
      throw new IllegalArgumentException("corrupt feature state: bytes left over");
    }
    state.trackChanges()[part].stored(segment.block());
  }

  /** Ends the reading of segments. */
  void complete(ViewState state) {
    state.trackChanges();
    for (int i = 0; i < rings.length; i++) {
      rings[i].trim(state.rings[i]);
    }
  }
}
