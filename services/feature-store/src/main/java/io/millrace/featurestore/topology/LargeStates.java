// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.features.view.ByteWriter;
import io.millrace.features.view.Segment;
import io.millrace.features.view.SegmentSink;
import io.millrace.featurestore.online.OnlineRecord;
import io.millrace.featurestore.topology.StateKeys.Place;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.GroupState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * States that are too large to be one record of their store.
 *
 * <p>Where commits are atomic, the record of such a state has the heads of its views, and what is
 * behind them lies in segments: only those that changed are written. Elsewhere a crash could leave
 * the segments of one moment beside the heads of another. There the whole state is the record, and
 * where that is too large for Kafka it is cut: the parts are written under keys that are new, then
 * the record that names them, and then the former parts are removed, so that whatever a crash
 * leaves of this, the parts that the record names are there. Heads are cut in the same way.
 *
 * <p>Not thread-safe.
 */
final class LargeStates {
  /** Up to so many bytes a state is one record, also where it could be segments. */
  private static final int WHOLE_BYTES = 8 * 1024;

  /** Kafka takes records up to 1 MB, and packs hashes badly. */
  private static final int RECORD_BYTES = 512 * 1024;

  /** First byte of a record that only says how its content is cut. */
  private static final byte CUT = 3;

  /** First byte of a content that has the heads of views. */
  private static final byte HEADS = 4;

  private final FeatureGroup group;
  private final TaskStore store;
  private final boolean segmenting;
  private final ByteWriter scratch = new ByteWriter();
  private final OnlineRecord record = new OnlineRecord();

  /** How a large state lies in the store. */
  static final class Layout {
    private boolean segmented;

    /** Version and number of the parts that the record is cut in; none for 0. */
    private long version;

    private int parts;

    /** Segments of more than one piece, and how many. */
    private final Map<Place, Integer> pieces = new HashMap<>();
  }

  /**
   * A state that was stored.
   *
   * @param bytes of all its records
   */
  record Loaded(GroupState state, Layout layout, int bytes) {}

  /**
   * @param segmenting whether all that is put between two commits is seen together or not at all
   */
  LargeStates(FeatureGroup group, TaskStore store, boolean segmenting) {
    this.group = group;
    this.store = store;
    this.segmenting = segmenting;
  }

  /** Whether a state of that length is one record. */
  boolean isWhole(int length) {
    return length <= (segmenting ? WHOLE_BYTES : RECORD_BYTES);
  }

  /**
   * Writes a state that is large, or was.
   *
   * @param encoded the whole of it
   * @param former how it lies in the store; null where it is one record or none
   * @return how it lies there now; null where it is one record
   */
  @Nullable Layout write(String key, GroupState state, byte[] encoded, @Nullable Layout former) {
    Layout layout = former == null ? new Layout() : former;
    if (!segmenting) {
      record(key, encoded, state.seq(), layout);
      if (layout.segmented) {
        removeAllBut(key, layout);
        layout.segmented = false;
      }
      return layout.parts == 0 ? null : layout;
    }
    if (!layout.segmented) {
      // What a crash has left under another guarantee must not get between the segments.
      layout.parts = 0;
      removeAllBut(key, layout);
      layout.segmented = true;
    }
    Heads heads = new Heads(key, layout);
    for (int view = 0; view < group.plans().size(); view++) {
      heads.view = view;
      group.plans().get(view).encodeChanges(state.view(view), scratch, heads);
    }
    record(key, heads.content(state), state.seq(), layout);
    return layout;
  }

  /** Puts the record of a state, cut where need be, and removes the parts of the former one. */
  private void record(String key, byte[] content, long version, Layout layout) {
    int parts = content.length <= RECORD_BYTES ? 0 : Math.ceilDiv(content.length, RECORD_BYTES);
    for (int part = 0; part < parts; part++) {
      store.put(StateKeys.part(key, version, part), slice(content, content.length, part));
    }
    store.put(
        StateKeys.record(key),
        parts == 0
            ? content
            : ByteBuffer.allocate(1 + Long.BYTES + Integer.BYTES)
                .put(CUT)
                .putLong(version)
                .putInt(parts)
                .array());
    for (int part = layout.version == version ? parts : 0; part < layout.parts; part++) {
      store.delete(StateKeys.part(key, layout.version, part));
    }
    layout.version = version;
    layout.parts = parts;
  }

  private static byte[] slice(byte[] content, int length, int number) {
    int from = number * RECORD_BYTES;
    return Arrays.copyOfRange(content, from, Math.min(length, from + RECORD_BYTES));
  }

  /** Removes everything of a state but its record and the parts that this names. */
  private void removeAllBut(String key, Layout layout) {
    List<byte[]> gone = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> stored =
        store.range(StateKeys.first(key), StateKeys.last(key))) {
      while (stored.hasNext()) {
        byte[] each = stored.next().key.get();
        if (layout.parts == 0 || !StateKeys.isPart(key, each, layout.version)) {
          gone.add(each);
        }
      }
    }
    gone.forEach(store::delete);
    layout.pieces.clear();
  }

  /** Collects the heads of a state's views, and stores the segments that changed. */
  private final class Heads implements SegmentSink {
    private final String key;
    private final Layout layout;
    private final List<byte[]> heads = new ArrayList<>();
    private int view;

    Heads(String key, Layout layout) {
      this.key = key;
      this.layout = layout;
    }

    @Override
    public void head(byte[] bytes, int length) {
      heads.add(Arrays.copyOf(bytes, length));
    }

    @Override
    public void put(int part, long block, byte[] bytes, int length) {
      Place place = new Place(view, part, block);
      int pieces = Math.max(1, Math.ceilDiv(length, RECORD_BYTES));
      for (int piece = 0; piece < pieces; piece++) {
        store.put(StateKeys.segment(key, place, piece), slice(bytes, length, piece));
      }
      Integer former = pieces == 1 ? layout.pieces.remove(place) : layout.pieces.put(place, pieces);
      remove(place, pieces, former == null ? 1 : former);
    }

    @Override
    public void remove(int part, long block) {
      Place place = new Place(view, part, block);
      Integer former = layout.pieces.remove(place);
      remove(place, 0, former == null ? 1 : former);
    }

    private void remove(Place place, int from, int end) {
      for (int piece = from; piece < end; piece++) {
        store.delete(StateKeys.segment(key, place, piece));
      }
    }

    byte[] content(GroupState state) {
      int length = 1 + 2 * Long.BYTES;
      for (byte[] head : heads) {
        length += Integer.BYTES + head.length;
      }
      ByteBuffer content =
          ByteBuffer.allocate(length)
              .put(HEADS)
              .putLong(state.seq())
              .putLong(state.lastEventTimeMs());
      heads.forEach(head -> content.putInt(head.length).put(head));
      return content.array();
    }
  }

  /**
   * Reads a state of several records.
   *
   * @param record that under the key of the state; none of {@link OnlineRecord}
   * @throws IllegalArgumentException where the records are no state of this group
   */
  Loaded load(String key, byte[] record) {
    Layout layout = new Layout();
    if (record[0] == CUT) {
      ByteBuffer header = ByteBuffer.wrap(record, 1, record.length - 1);
      layout.version = header.getLong();
      layout.parts = header.getInt();
    }
    List<byte[]> parts = new ArrayList<>();
    Map<Place, byte[]> segments = new HashMap<>();
    List<byte[]> strays = new ArrayList<>();
    int bytes = record.length;
    try (KeyValueIterator<Bytes, byte[]> stored =
        store.range(StateKeys.first(key), StateKeys.last(key))) {
      while (stored.hasNext()) {
        KeyValue<Bytes, byte[]> each = stored.next();
        byte[] at = each.key.get();
        Place place = StateKeys.placeOf(key, at);
        bytes += each.value.length;
        if (place != null) {
          byte[] before = segments.put(place, each.value);
          if (before != null) {
            segments.put(place, joined(List.of(before, each.value)));
            layout.pieces.merge(place, 2, (known, two) -> known + 1);
          }
        } else if (layout.parts > 0 && StateKeys.isPart(key, at, layout.version)) {
          parts.add(each.value);
        } else {
          strays.add(at);
        }
      }
    }
    // Parts whose record a crash has cut off.
    strays.forEach(store::delete);
    byte[] content = layout.parts == 0 ? record : joined(parts);
    layout.segmented = content[0] == HEADS;
    GroupState state = layout.segmented ? assembled(content, segments) : decode(content);
    return new Loaded(state, layout, bytes);
  }

  /** Reads a state that is one record, as in the online store. */
  GroupState decode(byte[] stored) {
    record.read(stored, group.blocks());
    return group.decode(record.seq(), record.lastEventTimeMs(), record::turn);
  }

  private GroupState assembled(byte[] content, Map<Place, byte[]> segments) {
    ByteBuffer from = ByteBuffer.wrap(content, 1, content.length - 1);
    long seq = from.getLong();
    long lastEventTimeMs = from.getLong();
    int views = group.plans().size();
    List<byte[]> heads = new ArrayList<>(views);
    List<List<Segment>> behind = new ArrayList<>(views);
    for (int view = 0; view < views; view++) {
      byte[] head = new byte[from.getInt()];
      from.get(head);
      heads.add(head);
      behind.add(new ArrayList<>());
    }
    segments.forEach(
        (place, bytes) ->
            behind.get(place.view()).add(new Segment(place.part(), place.block(), bytes)));
    GroupState state = group.assemble(seq, lastEventTimeMs, heads, behind);
    // One that is not written in segments any more must not take notice for ever what changes.
    return segmenting ? state : group.copy(state);
  }

  private static byte[] joined(List<byte[]> parts) {
    ByteBuffer whole = ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
    parts.forEach(whole::put);
    return whole.array();
  }
}
