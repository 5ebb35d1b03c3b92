// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.expression.Compiled;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A feature view compiled for updating and reading. Immutable and thread-safe; a {@link ViewState}
 * belongs to one thread at a time.
 *
 * <p>State is a ring of tiles per resolution, shared by all features and windows of that
 * resolution; a tile holds mergeable partial aggregates. Nothing is finalised before a read, so a
 * window empties by itself as the moment of the read advances. Tiles merge in key order, so the
 * same updates in the same order give the same bits in the stream, at an online read, in a dataset
 * and in a replay. A late event patches its own tile as long as the ring holds it. A read at T is
 * exact in tiles if T is no earlier than the newest event minus an eighth of the window, and for
 * entities with few events further back; one that may lack events is {@link
 * FeatureStatus#INCOMPLETE}. Windows declared {@code precision: exact} keep their newest events too
 * and begin and end between them.
 *
 * <p>Missing is NaN among doubles and null among objects. Counts and sums of nothing are 0, every
 * other aggregate of nothing is missing.
 */
public final class ViewPlan {
  /** Version, number of updates and time of a state when written, at most. */
  private static final int PROGRESS_BYTES = 1 + 2 * 10;

  private final String viewName;
  private final FeaturePlan[] features;
  private final Ring[] rings;
  private final StateCodec codec;
  private final ReadGroup[] groups;
  private final Inputs.Expressions expressions;
  private final @Nullable Compiled where;
  private final String definitionHash;
  private final long lookbackMs;

  /** The most bytes that each feature's part of a state takes. */
  private final long[] mostBytes;

  ViewPlan(
      String viewName,
      List<FeaturePlan> features,
      Ring[] rings,
      ReadGroup[] groups,
      Inputs.Expressions expressions,
      @Nullable Compiled where,
      String definitionHash,
      long[] mostBytes) {
    this.mostBytes = mostBytes;
    this.viewName = viewName;
    this.features = features.toArray(FeaturePlan[]::new);
    this.rings = rings;
    this.codec = new StateCodec(rings);
    this.groups = groups;
    this.expressions = expressions;
    this.where = where;
    this.definitionHash = definitionHash;
    this.lookbackMs =
        features.stream().mapToLong(feature -> feature.window().lookbackMs()).max().orElse(0);
  }

  /**
   * Compiles a definition over the fields of its source event.
   *
   * @throws DefinitionException with every problem of the definition
   */
  public static ViewPlan compile(
      String viewName, FeatureViewDefinition definition, EventSchema schema) {
    return new PlanCompiler(viewName, definition, schema).compile();
  }

  /** The view's name. */
  public String viewName() {
    return viewName;
  }

  /** Feature names in the order of the definition and of every read. */
  public List<String> featureNames() {
    return Arrays.stream(features).map(FeaturePlan::name).toList();
  }

  /** Number of features. */
  public int size() {
    return features.length;
  }

  /** Names of the event's fields that an update reads; another field may be left out. */
  public Set<String> fields() {
    Set<String> fields = new TreeSet<>();
    if (where != null) {
      fields.addAll(where.fields());
    }
    for (List<Compiled> some :
        List.of(expressions.numbers(), expressions.objects(), expressions.conditions())) {
      some.forEach(each -> fields.addAll(each.fields()));
    }
    return fields;
  }

  /** What the feature at an index is. */
  public FeatureKind kindOf(int feature) {
    return features[feature].kind();
  }

  /**
   * SHA-256 (hex) of the definition in canonical form with the version of the engine's encoding. It
   * changes when the meaning of a state or of a value changes, and not with spacing, description or
   * owner.
   */
  public String definitionHash() {
    return definitionHash;
  }

  /**
   * How far back a history must reach to rebuild the state: the longest window and its tail tile in
   * ms, {@link Long#MAX_VALUE} if some feature never forgets.
   */
  public long lookbackMs() {
    return lookbackMs;
  }

  /**
   * The most bytes that the state of one entity takes when written, about and rather more than
   * less: with every tile in use, every list, set and map full and every text as long as it is
   * kept. States are usually far smaller.
   */
  public long mostBytes() {
    return PROGRESS_BYTES + Arrays.stream(rings).mapToLong(Ring::mostBytes).sum();
  }

  /**
   * The most bytes that a feature's part of {@link #mostBytes()} takes. What features share counts
   * for each of them.
   */
  public long mostBytes(int feature) {
    return mostBytes[feature];
  }

  /** Which events a feature counts beyond the strict definition of its window. */
  public String describeWindowBound(int feature) {
    return features[feature].window().bound();
  }

  /** The state of an entity before its first event. */
  public ViewState newState() {
    Tiles[] tiles = new Tiles[rings.length];
    for (int i = 0; i < tiles.length; i++) {
      tiles[i] = rings[i].newTiles();
    }
    ReadGroup.Merged[] merged = new ReadGroup.Merged[groups.length];
    for (int i = 0; i < groups.length; i++) {
      merged[i] = new ReadGroup.Merged(rings[groups[i].ring()], tiles[groups[i].ring()]);
    }
    return new ViewState(tiles, merged, new Inputs(expressions));
  }

  /**
   * Applies an event.
   *
   * @param eventTimeMs ms since the epoch
   * @return false if the view's condition keeps the event out; the state is then unchanged
   */
  public boolean update(ViewState state, Map<String, ?> fields, long eventTimeMs) {
    Inputs inputs = state.inputs;
    inputs.clear();
    if (where != null && !inputs.isTrue(where, fields)) {
      return false;
    }
    inputs.load(expressions, fields);
    BlockChanges[] changes = state.changes;
    for (int i = 0; i < rings.length; i++) {
      if (changes == null) {
        rings[i].update(state.rings[i], inputs, eventTimeMs);
      } else {
        rings[i].update(state.rings[i], inputs, eventTimeMs, changes[i]);
      }
    }
    state.eventCount++;
    state.lastEventTimeMs = Math.max(state.lastEventTimeMs, eventTimeMs);
    return true;
  }

  /**
   * The expressions that gave nothing for the event of the last {@link #update}, although it has
   * every field that they read: they divided by zero, came to a number that no double holds, or met
   * a field of another type. Such a value is missing, and its condition not met. Hardly ever any.
   */
  public List<Compiled> undefined(ViewState state) {
    return state.inputs.undefined();
  }

  /**
   * Reads all features as of a moment into {@code out[offset …]}: Double, String, List or Map by
   * {@link #kindOf}, null where missing, expired or incomplete.
   */
  public void read(ViewState state, long asOfMs, @Nullable Object[] out, int offset) {
    merge(state, asOfMs);
    for (int i = 0; i < features.length; i++) {
      FeaturePlan feature = features[i];
      out[offset + i] =
          withheld(state, feature, asOfMs) == null ? value(state, feature, asOfMs) : null;
    }
  }

  /**
   * Reads all features as of a moment into {@code out[offset …]}; NaN where missing, expired,
   * incomplete or not a number. The same bits as {@link #read}.
   */
  public void readDoubles(ViewState state, long asOfMs, double[] out, int offset) {
    merge(state, asOfMs);
    for (int i = 0; i < features.length; i++) {
      FeaturePlan feature = features[i];
      out[offset + i] =
          withheld(state, feature, asOfMs) == null ? number(state, feature, asOfMs) : Double.NaN;
    }
  }

  /**
   * Reads values and status of all features as of a moment into {@code [offset …]} of each array,
   * without an object for a number. The same bits as {@link #read} and {@link #readStatus}.
   *
   * @param numbers takes the features of kind {@link FeatureKind#NUMBER}; NaN where not present
   * @param others takes the features of other kinds; null where not present
   * @param status takes ordinals of {@link FeatureStatus}
   */
  public void readColumns(
      ViewState state,
      long asOfMs,
      double[] numbers,
      @Nullable Object[] others,
      byte[] status,
      int offset) {
    merge(state, asOfMs);
    for (int i = 0; i < features.length; i++) {
      FeaturePlan feature = features[i];
      int at = offset + i;
      FeatureStatus withheld = withheld(state, feature, asOfMs);
      boolean present;
      if (feature.kind() == FeatureKind.NUMBER) {
        double number = withheld == null ? number(state, feature, asOfMs) : Double.NaN;
        numbers[at] = number;
        present = !Double.isNaN(number);
      } else {
        Object other = withheld == null ? value(state, feature, asOfMs) : null;
        others[at] = other;
        present = other != null;
      }
      FeatureStatus found = present ? FeatureStatus.PRESENT : FeatureStatus.MISSING;
      status[at] = (byte) (withheld == null ? found : withheld).ordinal();
    }
  }

  /**
   * Until which moment a read gives, bit for bit, the values and the status of every feature that
   * the state's last read gave.
   *
   * @param asOfMs the moment of that read
   * @return the first moment that may differ; {@code asOfMs + 1} where nothing is known of it
   */
  public long sameUntil(ViewState state, long asOfMs) {
    if (isIncomplete(state)) {
      return asOfMs + 1;
    }
    long until = Long.MAX_VALUE;
    for (ReadGroup group : groups) {
      until = Math.min(until, group.sameUntil(state.rings[group.ring()], asOfMs));
    }
    for (FeaturePlan feature : features) {
      EdgePartial newest = feature.newest();
      if (feature.readsMoment()) {
        return asOfMs + 1;
      }
      if (newest != null && !isExpired(state, feature, asOfMs)) {
        ReadGroup.Merged merged = state.merged[feature.newestGroup()];
        if (!newest.isEmpty(merged.tiles, merged.slot)) {
          until = Math.min(until, newest.timeMs(merged.tiles, merged.slot) + feature.ttlMs() + 1);
        }
      }
    }
    return until;
  }

  /** Whether the state's last read was {@link FeatureStatus#INCOMPLETE} for some feature. */
  public boolean isIncomplete(ViewState state) {
    for (FeaturePlan feature : features) {
      if (isIncomplete(state, feature)) {
        return true;
      }
    }
    return false;
  }

  /** Status of every feature as of a moment into {@code out[offset …]}. */
  public void readStatus(ViewState state, long asOfMs, FeatureStatus[] out, int offset) {
    merge(state, asOfMs);
    for (int i = 0; i < features.length; i++) {
      out[offset + i] = statusOf(state, features[i], asOfMs);
    }
  }

  /** Status of one feature as of a moment. */
  public FeatureStatus status(ViewState state, int feature, long asOfMs) {
    merge(state, asOfMs);
    return statusOf(state, features[feature], asOfMs);
  }

  private FeatureStatus statusOf(ViewState state, FeaturePlan feature, long asOfMs) {
    FeatureStatus withheld = withheld(state, feature, asOfMs);
    if (withheld != null) {
      return withheld;
    }
    return value(state, feature, asOfMs) == null ? FeatureStatus.MISSING : FeatureStatus.PRESENT;
  }

  private static @Nullable Object value(ViewState state, FeaturePlan feature, long asOfMs) {
    ReadGroup.Merged merged = state.merged[feature.group()];
    FeaturePlan.InTiles inTiles = feature.inTiles();
    if (inTiles != null && !merged.isComplete) {
      merged = state.merged[inTiles.group()];
      return inTiles.finaliser().value(merged.tiles, merged.slot, asOfMs);
    }
    return feature.finaliser().value(merged.tiles, merged.slot, asOfMs);
  }

  private static double number(ViewState state, FeaturePlan feature, long asOfMs) {
    ReadGroup.Merged merged = state.merged[feature.group()];
    FeaturePlan.InTiles inTiles = feature.inTiles();
    if (inTiles != null && !merged.isComplete) {
      merged = state.merged[inTiles.group()];
      return inTiles.finaliser().number(merged.tiles, merged.slot, asOfMs);
    }
    return feature.finaliser() instanceof Finaliser.OfCells ofCells
        ? ofCells.number(merged.tiles, merged.slot, asOfMs)
        : feature.finaliser().number(merged.tiles, merged.slot, asOfMs);
  }

  /** Whether the last read of a feature may have lacked events of its window. */
  private static boolean isIncomplete(ViewState state, FeaturePlan feature) {
    FeaturePlan.InTiles inTiles = feature.inTiles();
    return !state.merged[feature.group()].isComplete
        && (inTiles == null || !state.merged[inTiles.group()].isComplete);
  }

  /** Why the value is not given, or null. */
  private static @Nullable FeatureStatus withheld(
      ViewState state, FeaturePlan feature, long asOfMs) {
    if (isIncomplete(state, feature)) {
      return FeatureStatus.INCOMPLETE;
    }
    return isExpired(state, feature, asOfMs) ? FeatureStatus.EXPIRED : null;
  }

  private static boolean isExpired(ViewState state, FeaturePlan feature, long asOfMs) {
    EdgePartial newest = feature.newest();
    if (newest == null) {
      return false;
    }
    Tiles tiles = state.merged[feature.newestGroup()].tiles;
    int slot = state.merged[feature.newestGroup()].slot;
    return !newest.isEmpty(tiles, slot) && asOfMs - newest.timeMs(tiles, slot) > feature.ttlMs();
  }

  private void merge(ViewState state, long asOfMs) {
    for (int i = 0; i < groups.length; i++) {
      groups[i].read(state.rings[groups[i].ring()], asOfMs, state.merged[i]);
    }
  }

  /** The state as bytes: equal for states that are equal, and independent of the platform. */
  public byte[] encode(ViewState state) {
    ByteWriter out = new ByteWriter();
    codec.write(state, out, 0);
    return out.toBytes();
  }

  /**
   * Appends the state to what was written before. Several states, one after the other in one
   * writer, take less than each by itself; they are read in the same order by {@link #decodeInto}.
   * Allocates nothing once the writer is large enough.
   *
   * @param baseTimeMs a time near the state's newest event that the reader will know, for example
   *     the newest event time of the entity
   */
  public void encode(ViewState state, ByteWriter out, long baseTimeMs) {
    codec.write(state, out, baseTimeMs);
  }

  /**
   * The state that {@link #encode(ViewState)} wrote, reading bit-equal to it.
   *
   * @throws IllegalArgumentException if the bytes are no state of this plan
   */
  public ViewState decode(byte[] bytes) {
    ViewState state = newState();
    ByteReader in = new ByteReader(bytes);
    decodeInto(state, in, 0);
    if (!in.atEnd()) {
      throw new IllegalArgumentException("corrupt feature state: bytes left over");
    }
    return state;
  }

  /**
   * Reads what {@link #encode(ViewState, ByteWriter, long)} wrote into a state of this plan, whose
   * former content is lost. Allocates nothing once the state has held one as large, unless it has
   * lists, sets, sketches or texts.
   *
   * @param baseTimeMs as when it was written
   * @throws IllegalArgumentException if this is no state of this plan; the state is then undefined
   */
  public void decodeInto(ViewState state, ByteReader in, long baseTimeMs) {
    codec.read(state, in, baseTimeMs);
  }

  /**
   * Gives the head and every segment that changed since the last call, so that an event rewrites
   * little however long its windows are. The head holds the newest tiles of every ring and all of
   * short rings, so that an event in order changes the head alone, and now and then a segment that
   * is complete; a late one changes the segment of its tile too. A state that comes neither from
   * {@link #assemble} nor from an earlier call gives everything.
   *
   * <p>A store keeps them under (entity, part, block) and loads all that have the entity:
   *
   * {@snippet :
   * plan.update(state, fields, eventTimeMs);
   * plan.encodeChanges(state, scratch, new SegmentSink() {
   *   public void head(byte[] bytes, int length) {
   *     store.put(key(entity), Arrays.copyOf(bytes, length));
   *   }
   *   public void put(int part, long block, byte[] bytes, int length) {
   *     store.put(key(entity, part, block), Arrays.copyOf(bytes, length));
   *   }
   *   public void remove(int part, long block) {
   *     store.delete(key(entity, part, block));
   *   }
   * });
   * // later, or elsewhere
   * ViewState again = plan.assemble(store.get(key(entity)), store.segments(entity));
   * }
   *
   * @param scratch reused from call to call, its content is lost
   */
  public void encodeChanges(ViewState state, ByteWriter scratch, SegmentSink sink) {
    codec.writeChanges(state, scratch, sink);
  }

  /**
   * The state that {@link #encodeChanges} gave away, reading bit-equal to it.
   *
   * @param segments those that are stored, in any order
   * @throws IllegalArgumentException if they are no state of this plan
   */
  public ViewState assemble(byte[] head, Iterable<Segment> segments) {
    ViewState state = newState();
    ByteReader in = new ByteReader(head);
    codec.readHead(state, in);
    if (!in.atEnd()) {
      throw new IllegalArgumentException("corrupt feature state: bytes left over");
    }
    for (Segment segment : segments) {
      codec.readSegment(state, segment, in);
    }
    codec.complete(state);
    return state;
  }

  /** An independent state with the same content. */
  public ViewState copy(ViewState state) {
    ViewState copy = newState();
    ByteWriter out = new ByteWriter();
    codec.write(state, out, 0);
    ByteReader in = new ByteReader();
    in.reset(out.array(), 0, out.length());
    decodeInto(copy, in, 0);
    return copy;
  }

  static int encodingVersion() {
    return StateCodec.ENCODING;
  }
}
