// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.view;

import io.millrace.features.view.ByteReader;
import io.millrace.features.view.ByteWriter;
import io.millrace.features.view.Segment;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;

/**
 * The views of one source event about one entity. They are updated together, so one counter says
 * how far all of them are, and one history rebuilds them. Immutable and thread-safe.
 */
public final class FeatureGroup {
  private static final int VIEWS_PER_BLOCK = 8;

  private static final int HEAP_PER_VIEW = 400;
  private static final int HEAP_PER_FEATURE = 220;
  private static final int HEAP_PER_ENCODED_BYTE = 4;

  private final String source;
  private final String entity;
  private final boolean primary;
  private final String lineage;
  private final List<ViewPlan> plans;

  FeatureGroup(
      String source, String entity, boolean primary, String lineage, List<ViewPlan> plans) {
    this.source = source;
    this.entity = entity;
    this.primary = primary;
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

  /** Whether the event's topic is keyed by this entity; others are repartitioned. */
  public boolean isPrimary() {
    return primary;
  }

  /**
   * Which sequence numbers the history's rows carry; 12 hexadecimal digits. Events whose topic is
   * keyed by this entity come in one order for ever, so that the n-th of a key is the same for all
   * generations that accept the same: a hash of what is accepted. Others are repartitioned, anew by
   * each generation: its hash.
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
   * @param encodedBytes length of all blocks together, 0 for a new state
   */
  public long heapBytes(int encodedBytes) {
    long bytes = (long) HEAP_PER_ENCODED_BYTE * encodedBytes;
    for (ViewPlan plan : plans) {
      bytes += HEAP_PER_VIEW + (long) HEAP_PER_FEATURE * plan.size();
    }
    return bytes;
  }

  /**
   * Applies the next event of the entity.
   *
   * @return how many {@linkplain ViewPlan#undefined undefined} values it gave; hardly ever any
   */
  public int apply(GroupState state, Map<String, ?> data, long eventTimeMs) {
    int undefined = 0;
    for (int i = 0; i < state.views.length; i++) {
      ViewPlan plan = plans.get(i);
      plan.update(state.views[i], data, eventTimeMs);
      undefined += plan.undefined(state.views[i]).size();
    }
    state.seq++;
    state.lastEventTimeMs = Math.max(state.lastEventTimeMs, eventTimeMs);
    return undefined;
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

  /**
   * The state that {@link #encodeBlocks} wrote.
   *
   * @param seq number of events applied
   * @param lastEventTimeMs greatest event time among them
   * @param turn turns a reader to the block of a number
   * @throws IllegalArgumentException where the bytes are no such blocks
   */
  public GroupState decode(long seq, long lastEventTimeMs, ObjIntConsumer<ByteReader> turn) {
    GroupState state = newState();
    ByteReader reader = new ByteReader();
    for (int block = 0; block < blocks(); block++) {
      turn.accept(reader, block);
      int last = Math.min(plans.size(), (block + 1) * VIEWS_PER_BLOCK) - 1;
      decodeBlock(reader, state.views, last, lastEventTimeMs);
    }
    return at(seq, lastEventTimeMs, state);
  }

  private static GroupState at(long seq, long lastEventTimeMs, GroupState state) {
    state.seq = seq;
    state.lastEventTimeMs = lastEventTimeMs;
    return state;
  }

  /**
   * The state of which {@link ViewPlan#encodeChanges} gave away the views.
   *
   * @param seq number of events applied
   * @param lastEventTimeMs greatest event time among them
   * @param heads of each view
   * @param segments of each view
   * @throws IllegalArgumentException where they are no such state
   */
  public GroupState assemble(
      long seq,
      long lastEventTimeMs,
      List<byte[]> heads,
      List<? extends Iterable<Segment>> segments) {
    ViewState[] views = new ViewState[plans.size()];
    for (int view = 0; view < views.length; view++) {
      views[view] = plans.get(view).assemble(heads.get(view), segments.get(view));
    }
    return at(seq, lastEventTimeMs, new GroupState(views));
  }

  /** An independent state with the same content. */
  public GroupState copy(GroupState state) {
    ViewState[] views = new ViewState[plans.size()];
    for (int view = 0; view < views.length; view++) {
      views[view] = plans.get(view).copy(state.views[view]);
    }
    return at(state.seq, state.lastEventTimeMs, new GroupState(views));
  }
}
