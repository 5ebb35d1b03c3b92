// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.view.Oracle.Seen;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every aggregate in every window against {@link Oracle} on random streams. */
final class ViewPlanOracleTest {
  private static final int STREAMS = 5;
  private static final long HALF_LIFE_MS = 1_700_000;
  private static final ZoneId LONDON = ZoneId.of("Europe/London");

  /** An hour before London's clocks go forward, so that streams cross the change. */
  private static final long START = Instant.parse("2026-03-29T00:00:00Z").toEpochMilli();

  private static final EventSchema SCHEMA =
      new EventSchema(
          Map.of("v", FieldType.NUMBER, "s", FieldType.STRING, "flag", FieldType.BOOLEAN), false);

  private static final String[] AGGREGATES = {
    "count",
    "sum",
    "mean",
    "min",
    "max",
    "variance",
    "std",
    "skewness",
    "kurtosis",
    "first",
    "last",
    "time_since_first",
    "time_since_last",
    "count_distinct",
    "approx_count_distinct",
    "quantile",
    "ratio",
    "first_n",
    "last_n",
    "top_n",
    "bottom_n",
    "most_frequent",
    "histogram",
    "entropy",
    "decayed_sum",
    "decayed_mean",
    "decayed_count",
    "streak"
  };

  private static FeatureViewDefinition view(String window, String precision) {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (String aggregate : AGGREGATES) {
      features.put(aggregate, feature(aggregate, window, precision));
    }
    features.put("last_text", definition("last", "s", window, null, null, precision));
    features.put("sum_where", definition("sum", "v", window, "flag", null, precision));
    features.put("sum_by", definition("sum", "v", window, null, "s", precision));
    if (Window.parse(window) instanceof Window.Sliding) {
      features.put("rate", definition("rate", null, window, null, null, precision));
    }
    return new FeatureViewDefinition("e", "k", null, features, null, null);
  }

  private static FeatureDefinition definition(
      String aggregate, String of, String window, String where, String by, String precision) {
    return new FeatureDefinition(
        aggregate, of, where, window, by, null, null, null, precision, null, null, null);
  }

  private static FeatureDefinition feature(String aggregate, String window, String precision) {
    String of =
        switch (aggregate) {
          case "count", "time_since_first", "time_since_last", "decayed_count" -> null;
          case "count_distinct", "approx_count_distinct", "most_frequent", "histogram", "entropy" ->
              "s";
          case "ratio", "streak" -> "flag";
          default -> "v";
        };
    Double q = aggregate.equals("quantile") ? Double.valueOf(0.75) : null;
    Integer n = aggregate.endsWith("_n") || aggregate.equals("most_frequent") ? 3 : null;
    String halfLife = aggregate.startsWith("decayed") ? HALF_LIFE_MS + "ms" : null;
    return new FeatureDefinition(
        aggregate, of, null, window, null, q, n, halfLife, precision, null, null, null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1s",
        "90s",
        "1h",
        "70m",
        "1d",
        "7d",
        "30d",
        "365d",
        "lifetime",
        "1 event",
        "20 events",
        "calendar day Europe/London",
        "tumbling 1h",
        "session 30m",
        "exact 90s",
        "exact 7d"
      })
  void read_randomStream_equalsOracle(String written) {
    SplittableRandom random = new SplittableRandom(written.hashCode());
    boolean exact = written.startsWith("exact ");
    String window = exact ? written.substring("exact ".length()) : written;
    ViewPlan plan = ViewPlan.compile("v", view(window, exact ? "exact" : "tile"), SCHEMA);
    Window parsed =
        exact ? new Window.Exact((Window.Sliding) Window.parse(window)) : Window.parse(window);
    for (int stream = 0; stream < STREAMS; stream++) {
      stream(plan, parsed, random);
    }
  }

  private static void stream(ViewPlan plan, Window window, SplittableRandom random) {
    Oracle oracle = new Oracle();
    ViewState state = plan.newState();
    long scale = scaleOf(window);
    int valueStyle = random.nextInt(4);
    long clock = START;
    double[] row = new double[plan.size()];
    Object[] objects = new Object[plan.size()];
    for (int i = 0; i < 150; i++) {
      clock += random.nextInt(4) == 0 ? 0 : (long) (scale * random.nextDouble() * 0.1);
      if (random.nextInt(40) == 0) {
        clock += 2 * scale;
      }
      long late = random.nextInt(4) == 0 ? (long) (scale * random.nextDouble() * 0.6) : 0;
      Seen event =
          new Seen(clock - late, i, value(random, valueStyle), text(random), random.nextBoolean());
      oracle.add(event);
      assertThat(plan.update(state, fields(event), event.timeMs())).isTrue();
      if (i % 6 == 0) {
        long newest = oracle.newestMs();
        long[] moments = {
          newest,
          newest + 1,
          newest + (long) (random.nextDouble() * 1.5 * scale),
          newest - (long) (random.nextDouble() * behind(window))
        };
        for (long asOf : moments) {
          plan.readDoubles(state, asOf, row, 0);
          compare(plan, window, oracle, asOf, row);
          plan.read(state, asOf, objects, 0);
          compareObjects(plan, window, oracle, asOf, row, objects);
        }
        state = checkCodec(plan, state, newest, row);
      }
    }
    assertThat(state.eventCount()).isEqualTo(150);
    assertThat(state.lastEventTimeMs()).isEqualTo(oracle.newestMs());
  }

  /** Goes on with the decoded state, so that any loss would spoil the rest of the stream. */
  private static ViewState checkCodec(ViewPlan plan, ViewState state, long asOf, double[] row) {
    byte[] bytes = plan.encode(state);
    ViewState decoded = plan.decode(bytes);
    assertThat(plan.encode(decoded)).isEqualTo(bytes);
    double[] again = new double[row.length];
    plan.readDoubles(state, asOf, row, 0);
    plan.readDoubles(decoded, asOf, again, 0);
    for (int f = 0; f < row.length; f++) {
      assertThat(Double.doubleToRawLongBits(again[f]))
          .as(plan.featureNames().get(f))
          .isEqualTo(Double.doubleToRawLongBits(row[f]));
    }
    return decoded;
  }

  private static long scaleOf(Window window) {
    return switch (window) {
      case Window.Sliding sliding -> sliding.lengthMs();
      case Window.Exact exact -> exact.inTiles().lengthMs();
      case Window.Session session -> session.gapMs() * 12;
      case Window.Bucket bucket -> bucket.longestMs() / 2;
      default -> 3_600_000;
    };
  }

  /** How far a read may be behind the newest event and still be exact. */
  private static long behind(Window window) {
    return switch (window) {
      case Window.Sliding sliding -> sliding.lengthMs() / 8;
      // All events are kept, so that any moment can be asked for.
      case Window.Exact exact -> exact.inTiles().lengthMs() * 2;
      default -> 0;
    };
  }

  private static List<Seen> included(Window window, Oracle oracle, long asOf) {
    return switch (window) {
      case Window.Sliding sliding -> {
        List<Seen> tiles = oracle.sliding(sliding.lengthMs(), sliding.resolutionMs(), asOf);
        List<Seen> strict = oracle.strict(sliding.lengthMs(), asOf);
        // The stated bound: nothing of the window is left out, at most one tile is added.
        assertThat(sliding.resolutionMs()).isLessThanOrEqualTo(sliding.lengthMs() / 60);
        assertThat(tiles).containsAll(strict);
        assertThat(tiles)
            .allMatch(e -> e.timeMs() > asOf - sliding.lengthMs() - sliding.resolutionMs())
            .allMatch(e -> e.timeMs() < asOf + sliding.resolutionMs());
        yield tiles;
      }
      case Window.Exact exact -> oracle.strict(exact.inTiles().lengthMs(), asOf);
      case Window.Lifetime lifetime -> oracle.lifetime();
      case Window.LastEvents last -> oracle.lastEvents(last.events(), asOf);
      case Window.Bucket bucket ->
          bucket.text().startsWith("calendar")
              ? oracle.calendarDay(LONDON, asOf)
              : oracle.tumbling(bucket.longestMs(), asOf);
      case Window.Session session -> oracle.session(session.gapMs(), asOf);
    };
  }

  /** What is no number, and that both reads agree on what is. */
  private static void compareObjects(
      ViewPlan plan, Window window, Oracle oracle, long asOf, double[] row, Object[] objects) {
    List<Seen> events = included(window, oracle, asOf);
    List<Double> values = Oracle.values(events);
    for (int f = 0; f < row.length; f++) {
      String name = plan.featureNames().get(f);
      if (plan.kindOf(f) == FeatureKind.NUMBER) {
        assertThat(objects[f]).isEqualTo(Double.isNaN(row[f]) ? null : row[f]);
        continue;
      }
      Object expected =
          switch (name) {
            case "first_n" -> values.stream().limit(3).toList();
            case "last_n" -> values.reversed().stream().limit(3).toList();
            case "top_n" -> values.stream().sorted(Comparator.reverseOrder()).limit(3).toList();
            case "bottom_n" -> values.stream().sorted().limit(3).toList();
            case "most_frequent" -> Oracle.mostFrequent(events).stream().limit(3).toList();
            case "histogram" -> Oracle.histogram(events);
            case "last_text" ->
                Oracle.texts(events).isEmpty() ? null : Oracle.texts(events).getLast();
            case "sum_by" -> null;
            default -> throw new AssertionError("no oracle for " + name);
          };
      if (name.equals("sum_by")) {
        checkSumBy(objects[f], events);
        continue;
      }
      boolean nothing =
          (expected instanceof List<?> list && list.isEmpty())
              || (expected instanceof Map<?, ?> map && map.isEmpty());
      assertThat(objects[f]).as(name).isEqualTo(nothing ? null : expected);
    }
  }

  private static void checkSumBy(Object actual, List<Seen> events) {
    Map<?, ?> sums = actual == null ? Map.of() : (Map<?, ?>) actual;
    assertThat(sums.keySet()).isEqualTo(Set.copyOf(Oracle.texts(events)));
    sums.forEach(
        (category, sum) -> {
          List<Double> values =
              Oracle.values(events.stream().filter(e -> category.equals(e.text())).toList());
          checkSum((double) sum, Oracle.sum(values), values);
        });
  }

  private static void compare(
      ViewPlan plan, Window window, Oracle oracle, long asOf, double[] row) {
    List<Seen> events = included(window, oracle, asOf);
    List<Double> values = Oracle.values(events);
    for (int f = 0; f < row.length; f++) {
      String name = plan.featureNames().get(f);
      if (plan.kindOf(f) != FeatureKind.NUMBER) {
        continue;
      }
      if (name.equals("sum_where")) {
        List<Double> flagged = Oracle.values(included(window, oracle.flagged(), asOf));
        checkSum(row[f], Oracle.sum(flagged), flagged);
        continue;
      }
      if (name.equals("rate")) {
        double seconds = scaleOf(window) / 1000.0;
        assertThat(row[f]).isEqualTo(events.size() / seconds);
        continue;
      }
      try {
        check(name, row[f], events, values, asOf);
      } catch (AssertionError e) {
        throw new AssertionError(
            name + " over " + window.text() + " at " + asOf + " of " + values, e);
      }
    }
  }

  private static void check(
      String name, double actual, List<Seen> events, List<Double> values, long asOf) {
    int n = values.size();
    switch (name) {
      case "count" -> same(actual, events.size());
      case "sum" -> checkSum(actual, Oracle.sum(values), values);
      case "mean" -> {
        if (n == 0) {
          assertThat(actual).isNaN();
        } else {
          double exact = Oracle.sum(values).doubleValue() / n;
          assertThat(actual)
              .isCloseTo(exact, within(3 * Math.ulp(exact) + Oracle.magnitude(values) * 1e-28));
        }
      }
      case "min" -> same(actual, values.stream().mapToDouble(v -> v).min().orElse(Double.NaN));
      case "max" -> same(actual, values.stream().mapToDouble(v -> v).max().orElse(Double.NaN));
      case "variance", "std", "skewness", "kurtosis" -> checkMoments(name, actual, values);
      case "first" -> same(actual, n == 0 ? Double.NaN : values.getFirst());
      case "last" -> same(actual, n == 0 ? Double.NaN : values.getLast());
      case "time_since_first" ->
          checkSince(actual, events.isEmpty() ? null : events.getFirst(), asOf);
      case "time_since_last" ->
          checkSince(actual, events.isEmpty() ? null : events.getLast(), asOf);
      case "count_distinct", "approx_count_distinct" -> same(actual, Oracle.distinct(events));
      case "quantile" ->
          same(
              actual,
              n == 0
                  ? Double.NaN
                  : values.stream().sorted().toList().get((int) Math.ceil(0.75 * n) - 1));
      case "ratio" -> {
        double flagged = events.stream().filter(Seen::flag).count();
        same(actual, flagged / events.size());
      }
      case "entropy" -> {
        double bits = Oracle.entropyBits(events);
        if (Double.isNaN(bits)) {
          assertThat(actual).isNaN();
        } else {
          assertThat(actual).isCloseTo(bits, within(1e-12));
        }
      }
      case "decayed_sum", "decayed_count", "decayed_mean" ->
          checkDecayed(name, actual, events, asOf);
      case "streak" -> assertThat(actual).isEqualTo(Oracle.streak(events));
      default -> throw new AssertionError("no oracle for " + name);
    }
  }

  private static void checkDecayed(String name, double actual, List<Seen> events, long asOf) {
    List<Seen> valued = events.stream().filter(e -> e.value() != null).toList();
    List<Seen> counted = name.equals("decayed_count") ? events : valued;
    long newest = counted.stream().mapToLong(Seen::timeMs).max().orElse(0);
    long at = name.equals("decayed_mean") ? newest : Math.max(asOf, newest);
    double weights = 0;
    double sum = 0;
    double magnitude = 0;
    for (Seen event : counted) {
      double weight = Math.pow(2, -(at - event.timeMs()) / (double) HALF_LIFE_MS);
      weights += weight;
      sum += name.equals("decayed_count") ? weight : weight * event.value();
      magnitude += weight * value(event);
    }
    if (name.equals("decayed_mean")) {
      if (counted.isEmpty()) {
        assertThat(actual).isNaN();
        return;
      }
      assertThat(actual).isCloseTo(sum / weights, within(1e-11 * magnitude / weights));
    } else {
      // Weights below 2^-1022 lose digits in the oracle too.
      double largest = counted.stream().mapToDouble(e -> value(e)).max().orElse(0);
      assertThat(actual).isCloseTo(sum, within(1e-11 * (magnitude + weights) + 1e-250 * largest));
    }
  }

  private static double value(Seen event) {
    return event.value() == null ? 1 : Math.abs(event.value());
  }

  /** As boxed, so that NaN equals NaN. */
  private static void same(double actual, double expected) {
    assertThat((Double) actual).isEqualTo((Double) expected);
  }

  private static void checkSum(double actual, BigDecimal exact, List<Double> values) {
    double rounded = exact.doubleValue();
    assertThat(actual)
        .isCloseTo(rounded, within(Math.ulp(rounded) + Oracle.magnitude(values) * 1e-28));
  }

  private static void checkSince(double actual, Seen event, long asOf) {
    if (event == null) {
      assertThat(actual).isNaN();
    } else {
      assertThat(actual).isEqualTo(Math.max(0, asOf - event.timeMs()) / 1000.0);
    }
  }

  private static void checkMoments(String name, double actual, List<Double> values) {
    int n = values.size();
    if (n < 2) {
      assertThat(actual).isNaN();
      return;
    }
    double m2 = Oracle.centralMoment(values, 2);
    double largest = values.stream().mapToDouble(Math::abs).max().orElse(0);
    // Below this the spread is rounding noise of the values themselves.
    double noise = n * Math.pow(largest * 1e-14, 2);
    switch (name) {
      case "variance" -> assertThat(actual).isCloseTo(m2 / (n - 1), within(m2 * 1e-10 + noise));
      case "std" ->
          assertThat(actual)
              .isCloseTo(Math.sqrt(m2 / (n - 1)), within(Math.sqrt(m2) * 1e-10 + Math.sqrt(noise)));
      default -> {
        if (m2 <= 1e6 * noise) {
          return;
        }
        double variance = m2 / n;
        double expected =
            name.equals("skewness")
                ? Oracle.centralMoment(values, 3) / n / Math.pow(variance, 1.5)
                : Oracle.centralMoment(values, 4) / n / (variance * variance) - 3;
        assertThat(actual).isCloseTo(expected, within(1e-6 * (1 + Math.abs(expected))));
      }
    }
  }

  private static Double value(SplittableRandom random, int style) {
    if (random.nextInt(10) == 0) {
      return null;
    }
    return switch (style) {
      case 0 -> (double) random.nextInt(-3, 4);
      case 1 -> Math.round(random.nextDouble() * 10_000) / 100.0;
      case 2 -> (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-6, 7));
      // Huge values that cancel.
      default -> random.nextInt(3) == 0 ? (random.nextBoolean() ? 1e60 : -1e60) : random.nextInt(9);
    };
  }

  private static String text(SplittableRandom random) {
    return random.nextInt(8) == 0 ? null : "s" + random.nextInt(12);
  }

  static Map<String, Object> fields(Seen event) {
    Map<String, Object> fields = new HashMap<>();
    if (event.value() != null) {
      fields.put("v", event.value());
    }
    if (event.text() != null) {
      fields.put("s", event.text());
    }
    fields.put("flag", event.flag());
    return fields;
  }
}
