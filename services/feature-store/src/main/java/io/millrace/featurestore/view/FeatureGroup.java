// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.view;

import io.millrace.features.view.ByteReader;
import io.millrace.features.view.ByteWriter;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * The views of one source event about one entity. They are updated together, so one counter says
 * how far all of them are, and one history rebuilds them. Immutable and thread-safe.
 */
public final class FeatureGroup {
  private static final int VIEWS_PER_BLOCK = 8;
  private static final byte ENCODING = 1;
  private static final int HEADER_BYTES = 1 + Long.BYTES + Long.BYTES;

  private static final int HEAP_PER_VIEW = 400;
  private static final int HEAP_PER_FEATURE = 220;
  private static final int HEAP_PER_ENCODED_BYTE = 4;

  private final String source;
  private final String entity;
  private final String lineage;
  private final List<ViewPlan> plans;

  FeatureGroup(String source, String entity, String lineage, List<ViewPlan> plans) {
    this.source = source;
    this.entity = entity;
    this.lineage = lineage;
    this.plans = List.copyOf(plans);
  }

  /** Name of the event. */
  public String source() {
    return source;
  }

  /** Name of the entity. */
  public String entity() {
    return entity;
  }

  /** {@code <source>-<entity>}, unique within an application. */
  public String name() {
    return source + "-" + entity;
  }

  /**
   * Which sequence numbers the history's rows carry. Events that are keyed by this entity come in
   * one order for ever: blank. Others are repartitioned, anew by each generation: its hash.
   */
  public String lineage() {
    return lineage;
  }

  /** In the order of the definition. */
  public List<ViewPlan> plans() {
    return plans;
  }

  /** The state of an entity before its first event. */
  public GroupState newState() {
    ViewState[] views = new ViewState[plans.size()];
    for (int i = 0; i < views.length; i++) {
      views[i] = plans.get(i).newState();
    }
    return new GroupState(views);
  }

  /**
   * About what a state takes in memory, in bytes; rather more than less.
   *
   * @param encodedBytes length of {@link #encode}'s answer, 0 for a new state
   */
  public long heapBytes(int encodedBytes) {
    long bytes = (long) HEAP_PER_ENCODED_BYTE * encodedBytes;
    for (ViewPlan plan : plans) {
      bytes += HEAP_PER_VIEW + (long) HEAP_PER_FEATURE * plan.size();
    }
    return bytes;
  }

  /** Applies the next event of the entity. */
  public void apply(GroupState state, Map<String, ?> data, long eventTimeMs) {
    for (int i = 0; i < state.views.length; i++) {
      plans.get(i).update(state.views[i], data, eventTimeMs);
    }
    state.seq++;
    state.lastEventTimeMs = Math.max(state.lastEventTimeMs, eventTimeMs);
  }

  /** The state of one view as bytes; the same array until the next event. */
  public byte[] encodeView(GroupState state, int view) {
    if (state.encodedSeq != state.seq) {
      for (int i = 0; i < state.views.length; i++) {
        state.encoded[i] = plans.get(i).encode(state.views[i]);
      }
      state.encodedSeq = state.seq;
    }
    return state.encoded[view];
  }

  /** Number of blocks of {@link #encodeBlocks}. */
  public int blocks() {
    return (plans.size() + VIEWS_PER_BLOCK - 1) / VIEWS_PER_BLOCK;
  }

  /** The block that a view is in. */
  public int blockOf(int view) {
    return view / VIEWS_PER_BLOCK;
  }

  /**
   * The states of the views, {@value #VIEWS_PER_BLOCK} to a block: less than each by itself, and a
   * view is read without those of other blocks.
   *
   * @param scratch what it is written with
   */
  public byte[][] encodeBlocks(GroupState state, ByteWriter scratch) {
    byte[][] blocks = new byte[blocks()][];
    for (int block = 0; block < blocks.length; block++) {
      scratch.reset();
      int from = block * VIEWS_PER_BLOCK;
      for (int view = from; view < Math.min(plans.size(), from + VIEWS_PER_BLOCK); view++) {
        plans.get(view).encode(state.views[view], scratch, state.lastEventTimeMs);
      }
      blocks[block] = scratch.toBytes();
    }
    return blocks;
  }

  /**
   * Reads views of a block of {@link #encodeBlocks}.
   *
   * @param views a state for each view of the group up to {@code last}; those of this block are
   *     overwritten
   * @param last the last view that is wanted; it is in this block
   * @param lastEventTimeMs of the state that was written
   * @throws IllegalArgumentException where the bytes are no such block
   */
  public void decodeBlock(ByteReader block, ViewState[] views, int last, long lastEventTimeMs) {
    for (int view = blockOf(last) * VIEWS_PER_BLOCK; view <= last; view++) {
      plans.get(view).decodeInto(views[view], block, lastEventTimeMs);
    }
  }

  /** The whole state as bytes. */
  public byte[] encode(GroupState state) {
    int size = HEADER_BYTES;
    for (int i = 0; i < state.views.length; i++) {
      size += Integer.BYTES + encodeView(state, i).length;
    }
    ByteBuffer out = ByteBuffer.allocate(size);
    out.put(ENCODING).putLong(state.seq).putLong(state.lastEventTimeMs);
    for (byte[] view : state.encoded) {
      out.putInt(view.length).put(view);
    }
    return out.array();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException where the bytes are of another encoding or other views
   */
  public GroupState decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    byte encoding = in.get();
    if (encoding != ENCODING) {
      throw new IllegalArgumentException("unknown encoding " + encoding + " of a group state");
    }
    long seq = in.getLong();
    long lastEventTimeMs = in.getLong();
    ViewState[] views = new ViewState[plans.size()];
    for (int i = 0; i < views.length; i++) {
      byte[] view = new byte[in.getInt()];
      in.get(view);
      views[i] = plans.get(i).decode(view);
    }
    GroupState state = new GroupState(views);
    state.seq = seq;
    state.lastEventTimeMs = lastEventTimeMs;
    return state;
  }
}
