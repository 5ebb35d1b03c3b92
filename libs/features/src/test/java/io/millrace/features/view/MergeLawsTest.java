// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import io.millrace.features.expression.Expressions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The laws of {@link Partial}, on random events dealt at random to three tiles. */
final class MergeLawsTest {
  private static final int CASES = 300;
  private static final EventSchema SCHEMA =
      new EventSchema(
          Map.of("v", FieldType.NUMBER, "s", FieldType.STRING, "flag", FieldType.BOOLEAN), false);
  private static final Inputs.Expressions EXPRESSIONS =
      new Inputs.Expressions(
          List.of(Expressions.compile("v", SCHEMA), Expressions.compile("flag", SCHEMA)),
          List.of(Expressions.compile("s", SCHEMA)),
          List.of());

  /**
   * A partial and how its tiles are compared.
   *
   * @param value null where merging is free of rounding: tiles must then be equal in every byte
   */
  record Law(Partial partial, ToDoubleFunction<Tiles> value) {
    @Override
    public String toString() {
      return partial.identity();
    }
  }

  static List<Law> laws() {
    return List.of(
        new Law(new CountPartial(CountPartial.Of.OBJECTS, -1, 0), null),
        new Law(new ExtremePartial(true, -1, 0), null),
        new Law(new ExtremePartial(false, -1, 0), null),
        new Law(new EdgePartial(true, EdgePartial.Of.NUMBER, -1, 0), null),
        new Law(new EdgePartial(false, EdgePartial.Of.OBJECT, -1, 0), null),
        new Law(new DistinctPartial(12, -1, 0), null),
        new Law(new TimedList.Of(true, 5, false, -1, 0), null),
        new Law(new TimedList.Of(false, 5, false, -1, 0), null),
        new Law(new RankedList.Of(true, 5, -1, 0), null),
        new Law(new CategoryCounts.Of(100, false, -1, 0), null),
        new Law(new CategoryCounts.Of(100, true, -1, 0), null),
        new Law(new Streak.Of(1_000, -1, 1), null),
        law(new SumPartial(-1, 0), p -> tile -> p.sum(tile, 0)),
        law(new MomentsPartial(false, -1, 0), p -> tile -> p.variance(tile, 0)),
        law(new MomentsPartial(true, -1, 0), p -> tile -> p.kurtosis(tile, 0)),
        law(new MomentsPartial(true, -1, 0), p -> tile -> p.skewness(tile, 0)),
        law(DecayPartial.ofValues(1_000, -1, 0), p -> tile -> p.at(tile, 0, 10_000)));
  }

  private static <P extends Partial> Law law(P partial, Function<P, ToDoubleFunction<Tiles>> of) {
    return new Law(partial, of.apply(partial));
  }

  /** Times differ, so that the order of arrival decides nothing. */
  private record Event(long timeMs, Map<String, Object> fields) {}

  /** One partial in a ring of its own. */
  private record Bench(Ring ring, Law law) {
    Tiles tileOf(List<Event> events) {
      Tiles tile = ring.newAccumulator();
      Inputs inputs = new Inputs(EXPRESSIONS);
      for (Event event : events) {
        inputs.load(EXPRESSIONS, event.fields);
        ring.updateSlot(tile, 0, inputs, event.timeMs);
      }
      return tile;
    }

    Tiles merged(Tiles a, Tiles b) {
      Tiles tile = ring.newAccumulator();
      ring.mergeSlot(tile, 0, a, 0);
      ring.mergeSlot(tile, 0, b, 0);
      return tile;
    }

    byte[] bytes(Tiles tile) {
      ByteWriter out = new ByteWriter();
      ring.codec().content(tile, 0, 1, out);
      return out.toBytes();
    }

    void assertSame(Tiles actual, Tiles expected, String name) {
      if (law.value == null) {
        assertThat(bytes(actual)).as(name).isEqualTo(bytes(expected));
        return;
      }
      double value = law.value.applyAsDouble(expected);
      if (Double.isNaN(value)) {
        assertThat(law.value.applyAsDouble(actual)).as(name).isNaN();
      } else {
        assertThat(law.value.applyAsDouble(actual))
            .as(name)
            .isCloseTo(value, within(1e-9 * (1 + Math.abs(value))));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("laws")
  void merge_randomTiles_keepsTheLaws(Law law) {
    Ring ring = new Ring(new Grid.Lifetime(), -1);
    ring.share(law.partial());
    Bench bench = new Bench(ring, law);
    SplittableRandom random = new SplittableRandom(law.toString().hashCode());
    for (int i = 0; i < CASES; i++) {
      List<Event> all = events(random);
      List<List<Event>> hands = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      all.forEach(event -> hands.get(random.nextInt(3)).add(event));
      Tiles a = bench.tileOf(hands.get(0));
      Tiles b = bench.tileOf(hands.get(1));
      Tiles c = bench.tileOf(hands.get(2));
      byte[] before = bench.bytes(b);

      Tiles left = bench.merged(bench.merged(a, b), c);
      bench.assertSame(bench.merged(a, bench.merged(b, c)), left, "associative");
      bench.assertSame(bench.merged(b, a), bench.merged(a, b), "commutative");
      bench.assertSame(left, bench.tileOf(all), "like one tile");
      assertThat(bench.bytes(b)).as("operands are left alone").isEqualTo(before);

      Tiles empty = ring.newAccumulator();
      assertThat(bench.bytes(bench.merged(empty, a))).as("identity").isEqualTo(bench.bytes(a));
      assertThat(bench.bytes(bench.merged(a, empty))).as("identity").isEqualTo(bench.bytes(a));

      Tiles decoded = ring.newAccumulator();
      ring.codec().content(decoded, 0, 1, new ByteReader(bench.bytes(left)));
      assertThat(bench.bytes(decoded)).as("codec").isEqualTo(bench.bytes(left));
    }
  }

  private static List<Event> events(SplittableRandom random) {
    List<Event> events = new ArrayList<>();
    int count = random.nextInt(40);
    for (int i = 0; i < count; i++) {
      Map<String, Object> fields =
          Map.of(
              "v",
              random.nextInt(-50, 50) / 4.0,
              "s",
              "c" + random.nextInt(30),
              "flag",
              random.nextInt(4) > 0);
      events.add(new Event(i * 10L, fields));
    }
    // Arrival in another order than that of event time.
    for (int i = events.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      Event event = events.get(i);
      events.set(i, events.get(j));
      events.set(j, event);
    }
    return events;
  }
}
