// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** States in one writer, and as a head and segments. */
final class StateCodecTest {
  private static final long START = 1_700_000_000_000L;
  private static final EventSchema SCHEMA =
      new EventSchema(Map.of("v", FieldType.NUMBER, "s", FieldType.STRING), false);

  private static final ByteWriter SCRATCH = new ByteWriter();

  private static ViewPlan plan(Map<String, FeatureDefinition> features, EventSchema schema) {
    return ViewPlan.compile(
        "view", new FeatureViewDefinition("e", "k", null, features, null, null), schema);
  }

  private static ViewPlan windows(boolean sets) {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (String window : List.of("1h", "1d", "7d")) {
      features.put("n" + window, FeatureDefinition.of("count", null, window));
      features.put("sum" + window, FeatureDefinition.of("sum", "v", window));
      features.put("max" + window, FeatureDefinition.of("max", "v", window));
      if (sets) {
        features.put("std" + window, FeatureDefinition.of("std", "v", window));
        features.put("distinct" + window, FeatureDefinition.of("count_distinct", "s", window));
        features.put("last" + window, FeatureDefinition.of("last", "s", window));
        features.put(
            "bounded" + window,
            new FeatureDefinition(
                "count_distinct", "v", null, window, null, null, 40, null, null, null, null, null));
      }
    }
    if (sets) {
      features.put(
          "exact",
          new FeatureDefinition(
              "sum", "v", null, "1d", null, null, null, null, "exact", null, null, null));
    }
    features.put("tail", FeatureDefinition.of("sum", "v", "20 events"));
    return plan(features, SCHEMA);
  }

  /** A store of heads and segments that counts what it is given. */
  private static final class Store implements SegmentSink {
    private byte[] head = {};
    private final Map<List<Long>, byte[]> segments = new TreeMap<>(this::compare);
    private int written;

    private int compare(List<Long> a, List<Long> b) {
      int parts = Long.compare(a.getFirst(), b.getFirst());
      return parts == 0 ? Long.compare(a.getLast(), b.getLast()) : parts;
    }

    @Override
    public void head(byte[] bytes, int length) {
      head = Arrays.copyOf(bytes, length);
      written += length;
    }

    @Override
    public void put(int part, long block, byte[] bytes, int length) {
      segments.put(List.of((long) part, block), Arrays.copyOf(bytes, length));
      written += length;
    }

    @Override
    public void remove(int part, long block) {
      segments.remove(List.of((long) part, block));
    }

    ViewState assemble(ViewPlan plan) {
      List<Segment> found = new ArrayList<>();
      segments.forEach(
          (key, bytes) ->
              found.add(new Segment(Math.toIntExact(key.getFirst()), key.getLast(), bytes)));
      return plan.assemble(head, found.reversed());
    }
  }

  private static Map<String, Object> event(SplittableRandom random) {
    return Map.of("v", random.nextInt(100_000) / 100.0, "s", "c" + random.nextInt(40));
  }

  @Test
  void assemble_lateDuplicateAndDistantEvents_equalsTheWholeState() {
    SplittableRandom random = new SplittableRandom(5);
    ViewPlan plan = windows(true);
    for (int run = 0; run < 20; run++) {
      Store store = new Store();
      ViewState state = plan.newState();
      long clock = START;
      for (int i = 0; i < 400; i++) {
        clock += random.nextInt(60) == 0 ? 40_000_000 : random.nextInt(200_000);
        long late = random.nextInt(5) == 0 ? random.nextInt(30_000_000) : 0;
        Map<String, Object> fields = event(random);
        for (int copies = random.nextInt(10) == 0 ? 2 : 1; copies > 0; copies--) {
          plan.update(state, fields, clock - late);
        }
        if (random.nextInt(3) > 0) {
          plan.encodeChanges(state, SCRATCH, store);
        }
        if (random.nextInt(10) == 0) {
          plan.encodeChanges(state, SCRATCH, store);
          ViewState again = store.assemble(plan);
          assertThat(plan.encode(again)).isEqualTo(plan.encode(state));
          state = again;
        }
      }
      assertThat(store.segments).hasSizeGreaterThan(3);
      store.segments.remove(store.segments.keySet().iterator().next());
      assertThat(plan.encode(store.assemble(plan))).isNotEqualTo(plan.encode(state));
    }
  }

  /** Windows whose tiles are large by themselves. */
  private static ViewPlan largeTiles() {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (String window : List.of("1d", "tumbling 6h", "calendar day Europe/London", "lifetime")) {
      features.put(
          "distinct" + window.charAt(0), FeatureDefinition.of("count_distinct", "s", window));
      features.put("histogram" + window.charAt(0), FeatureDefinition.of("histogram", "s", window));
      features.put("median" + window.charAt(0), FeatureDefinition.of("median", "v", window));
      features.put("last" + window.charAt(0), FeatureDefinition.of("last_n", "s", window));
      features.put(
          "by" + window.charAt(0),
          new FeatureDefinition(
              "mean", "v", null, window, "s", null, null, null, null, null, null, null));
    }
    return plan(features, SCHEMA);
  }

  @Test
  void assemble_largeTiles_equalsTheWholeState() {
    SplittableRandom random = new SplittableRandom(8);
    ViewPlan plan = largeTiles();
    for (int run = 0; run < 10; run++) {
      Store store = new Store();
      ViewState state = plan.newState();
      long clock = START;
      for (int i = 0; i < 300; i++) {
        clock += random.nextInt(40) == 0 ? 50_000_000 : random.nextInt(900_000);
        long late = random.nextInt(5) == 0 ? random.nextInt(40_000_000) : 0;
        plan.update(state, event(random), clock - late);
        if (random.nextInt(4) == 0) {
          plan.encodeChanges(state, SCRATCH, store);
        }
        if (random.nextInt(12) == 0) {
          plan.encodeChanges(state, SCRATCH, store);
          ViewState again = store.assemble(plan);
          assertThat(plan.encode(again)).isEqualTo(plan.encode(state));
          state = again;
        }
      }
    }
  }

  @Test
  void encodeChanges_daysThatAreOver_areNotWrittenAgain() {
    ViewPlan plan =
        plan(
            Map.of(
                "distinct",
                FeatureDefinition.of("count_distinct", "s", "calendar day Europe/London")),
            SCHEMA);
    Store store = new Store();
    ViewState state = plan.newState();
    for (int i = 0; i < 900; i++) {
      plan.update(state, Map.of("s", "c" + i), START + i);
    }
    plan.encodeChanges(state, SCRATCH, store);
    int day = store.written;
    assertThat(day).isGreaterThan(7_000);
    plan.update(state, Map.of("s", "first"), START + 86_400_000L);
    plan.encodeChanges(state, SCRATCH, store);
    assertThat(store.written)
        .as("the day that is over, once")
        .isBetween(2 * day - 50, 2 * day + 200);

    plan.update(state, Map.of("s", "second"), START + 86_400_000L);
    plan.encodeChanges(state, SCRATCH, store);

    assertThat(store.written).isLessThan(2 * day + 300);
    assertThat(plan.encode(store.assemble(plan))).isEqualTo(plan.encode(state));
  }

  @Test
  void encodeChanges_eventsInOrder_rewriteLittle() {
    SplittableRandom random = new SplittableRandom(6);
    ViewPlan plan = windows(false);
    Store store = new Store();
    ViewState state = plan.newState();
    int events = 2_000;
    int most = 0;
    for (int i = 0; i < events; i++) {
      plan.update(state, event(random), START + i * 60_000L);
      int before = store.written;
      plan.encodeChanges(state, SCRATCH, store);
      most = Math.max(most, store.written - before);
    }
    assertThat(store.written / events).isLessThan(500);
    assertThat(most).isLessThan(1_000);
    assertThat(plan.encode(state).length).isGreaterThan(2_000);
  }

  @Test
  void assemble_segmentOfAnotherPart_isRefused() {
    ViewPlan plan = windows(false);
    Store store = new Store();
    ViewState state = plan.newState();
    plan.update(state, Map.of("v", 1.0), START);
    plan.encodeChanges(state, SCRATCH, store);
    Segment stray = new Segment(99, 0, new byte[8]);
    assertThatThrownBy(() -> plan.assemble(store.head, List.of(stray)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> plan.assemble(store.head, List.of(new Segment(0, 1, new byte[] {1, 2, 3}))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void decodeInto_usedState_holdsOnlyTheOther() {
    SplittableRandom random = new SplittableRandom(7);
    ViewPlan plan = windows(true);
    ViewState used = plan.newState();
    ByteWriter out = new ByteWriter();
    ByteReader in = new ByteReader();
    for (int run = 0; run < 200; run++) {
      ViewState state = plan.newState();
      int events = random.nextInt(60);
      for (int i = 0; i < events; i++) {
        plan.update(state, event(random), START + random.nextLong(1_000_000_000));
      }
      long base = START + random.nextInt(1_000);
      out.reset();
      plan.encode(state, out, base);
      in.reset(out.array(), 0, out.length());
      plan.decodeInto(used, in, base);
      assertThat(in.atEnd()).isTrue();
      assertThat(plan.encode(used)).isEqualTo(plan.encode(state));
      assertThat(plan.encode(plan.copy(used))).isEqualTo(plan.encode(state));
    }
  }

  @Test
  void encode_manySmallViewsOfOneEvent_takeLittleMoreThanTheirValues() {
    SplittableRandom random = new SplittableRandom(8);
    int views = 25;
    int size = 10;
    Map<String, FieldType> types = new LinkedHashMap<>();
    Map<String, Object> fields = new LinkedHashMap<>();
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      types.put("f" + i, FieldType.INTEGER);
      features.put(
          "x" + i,
          new FeatureDefinition(
              "last", "f" + i, null, null, null, null, null, null, null, "30d", null, null));
    }
    ViewPlan plan = plan(features, new EventSchema(types, false));
    ByteWriter out = new ByteWriter();
    List<double[]> expected = new ArrayList<>();
    for (int view = 0; view < views; view++) {
      for (int i = 0; i < size; i++) {
        fields.put("f" + i, (long) random.nextInt(1 << 14));
      }
      ViewState state = plan.newState();
      plan.update(state, fields, START);
      plan.encode(state, out, START);
      double[] row = new double[size];
      plan.readDoubles(state, START, row, 0);
      expected.add(row);
    }
    assertThat(out.length()).isLessThanOrEqualTo(480);
    ByteReader in = new ByteReader(out.toBytes());
    ViewState state = plan.newState();
    for (double[] row : expected) {
      plan.decodeInto(state, in, START);
      double[] again = new double[size];
      plan.readDoubles(state, START, again, 0);
      assertThat(again).isEqualTo(row);
      assertThat(plan.status(state, 0, START + 31L * 86_400_000)).isEqualTo(FeatureStatus.EXPIRED);
    }
    assertThat(in.atEnd()).isTrue();
  }
}
