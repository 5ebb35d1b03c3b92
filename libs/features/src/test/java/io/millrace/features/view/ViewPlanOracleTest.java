// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.pit.KnownEvent;
import io.millrace.features.pit.Moment;
import io.millrace.features.pit.PointInTime;
import io.millrace.features.view.Oracle.Seen;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every aggregate in every window against {@link Oracle} on random streams. */
final class ViewPlanOracleTest {
  private static final int STREAMS = 5;

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
    String halfLife = aggregate.startsWith("decayed") ? OracleChecks.HALF_LIFE_MS + "ms" : null;
    return new FeatureDefinition(
        aggregate, of, null, window, null, q, n, halfLife, precision, null, null, null);
  }

  private static List<String> windows() {
    return List.of(
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
        "exact 7d");
  }

  @ParameterizedTest
  @MethodSource("windows")
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

  @ParameterizedTest
  @MethodSource("windows")
  void read_oneProducerAheadOnTheSameKey_equalsOracleOfWhatCounts(String written) {
    SplittableRandom random = new SplittableRandom(written.hashCode() + 1L);
    boolean exact = written.startsWith("exact ");
    String window = exact ? written.substring("exact ".length()) : written;
    ViewPlan plan = ViewPlan.compile("v", view(window, exact ? "exact" : "tile"), SCHEMA);
    Window parsed =
        exact ? new Window.Exact((Window.Sliding) Window.parse(window)) : Window.parse(window);
    for (int stream = 0; stream < STREAMS; stream++) {
      ahead(plan, parsed, random);
    }
  }

  /** One event in eight is dated ahead by three windows or more: read before, at and after that. */
  private static void ahead(ViewPlan plan, Window window, SplittableRandom random) {
    long scale = OracleChecks.scaleOf(window);
    int valueStyle = random.nextInt(4);
    long clock = START;
    Map<String, Seen> seen = new HashMap<>();
    List<KnownEvent> events = new ArrayList<>();
    List<Moment> moments = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      clock += (long) (scale * random.nextDouble() * 0.1);
      long time =
          switch (random.nextInt(8)) {
            case 0 -> clock + 3 * scale + (long) (scale * random.nextDouble());
            case 1, 2 -> clock - (long) (scale * random.nextDouble() * 0.6);
            default -> clock;
          };
      Seen event = new Seen(time, i, value(random, valueStyle), text(random), random.nextBoolean());
      seen.put("e" + i, event);
      events.add(new KnownEvent(time, clock, "e" + i, fields(event)));
      if (i % 3 == 0) {
        moments.add(new Moment(clock, clock, null));
      }
    }
    for (int i = 0; i < 20; i++) {
      clock += scale / 4;
      moments.add(new Moment(clock, clock, null));
    }
    events.sort(Comparator.comparingLong(KnownEvent::countsFromMs));
    double[] row = new double[plan.size()];
    Object[] objects = new Object[plan.size()];
    PointInTime.visit(
        plan,
        events,
        moments,
        (index, state) -> {
          long asOf = moments.get(index).asOfMs();
          Oracle oracle = new Oracle();
          events.stream()
              .filter(event -> Math.max(event.eventTimeMs(), event.knownAtMs()) <= asOf)
              .forEach(event -> oracle.add(seen.get(event.id())));
          plan.readDoubles(state, asOf, row, 0);
          OracleChecks.compare(plan, window, oracle, asOf, row);
          plan.read(state, asOf, objects, 0);
          OracleChecks.compareObjects(plan, window, oracle, asOf, row, objects);
        });
  }

  private static void stream(ViewPlan plan, Window window, SplittableRandom random) {
    Oracle oracle = new Oracle();
    ViewState state = plan.newState();
    long scale = OracleChecks.scaleOf(window);
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
          OracleChecks.compare(plan, window, oracle, asOf, row);
          plan.read(state, asOf, objects, 0);
          OracleChecks.compareObjects(plan, window, oracle, asOf, row, objects);
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

  /** How far a read may be behind the newest event and still be exact. */
  private static long behind(Window window) {
    return switch (window) {
      case Window.Sliding sliding -> sliding.lengthMs() / 8;
      // All events are kept, so that any moment can be asked for.
      case Window.Exact exact -> exact.inTiles().lengthMs() * 2;
      default -> 0;
    };
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
