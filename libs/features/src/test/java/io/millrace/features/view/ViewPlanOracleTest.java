// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.pit.KnownEvent;
import io.millrace.features.pit.Moment;
import io.millrace.features.pit.PointInTimePass;
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
    Window parsed = Window.parse(window);
    if (parsed instanceof Window.Sliding || parsed instanceof Window.Lifetime) {
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
    List<Integer> visited = new ArrayList<>();
    PointInTimePass pass =
        new PointInTimePass(
            List.of(plan),
            PointInTimePass.Moments.of(moments),
            (index, states) -> {
              visited.add(index);
              long asOf = moments.get(index).asOfMs();
              Oracle oracle = new Oracle();
              events.stream()
                  .filter(event -> Math.max(event.eventTimeMs(), event.knownAtMs()) <= asOf)
                  .forEach(event -> oracle.add(seen.get(event.id())));
              plan.readDoubles(states[0], asOf, row, 0);
              OracleChecks.compare(plan, window, oracle, asOf, row, status(plan, states[0], asOf));
              plan.read(states[0], asOf, objects, 0);
              OracleChecks.compareObjects(
                  plan, window, oracle, asOf, row, objects, status(plan, states[0], asOf));
            },
            putOff -> {});
    events.forEach(pass::event);
    pass.end();
    assertThat(visited).hasSameSizeAs(moments);
  }

  @ParameterizedTest
  @MethodSource("windows")
  void read_farBehindTheNewestEvent_equalsOracleOrIsIncomplete(String written) {
    Behind busy = new Behind(written, written.hashCode() + 2L);
    for (int stream = 0; stream < STREAMS; stream++) {
      busy.run(700);
    }
    assertThat(busy.known).as("values behind %s", written).isPositive();
    assertThat(busy.incomplete > 0)
        .as("some reads of %s lie too far behind", written)
        .isEqualTo(!(busy.window instanceof Window.Lifetime));
  }

  @ParameterizedTest
  @MethodSource("windows")
  void read_farBehindFewEvents_isIncompleteOnlyBeyondTheSpanOfTiles(String written) {
    Behind few = new Behind(written, written.hashCode() + 3L);
    for (int stream = 0; stream < 4 * STREAMS; stream++) {
      few.run(2);
    }
    assertThat(few.known).as("values behind %s", written).isPositive();
    boolean inTiles = few.window instanceof Window.Sliding || few.window instanceof Window.Bucket;
    assertThat(few.incomplete > 0).as("beyond the span of %s", written).isEqualTo(inTiles);
  }

  /**
   * Reads up to eight windows behind the newest event of a state that is stored again and again.
   */
  private static final class Behind {
    private final ViewPlan plan;
    private final Window window;
    private final SplittableRandom random;
    private final double[] row;
    private final Object[] objects;
    private final FeatureStatus[] status;

    /** Values compared with the oracle, and reads that may lack events. */
    private int known;

    private int incomplete;

    Behind(String written, long seed) {
      boolean exact = written.startsWith("exact ");
      String text = exact ? written.substring("exact ".length()) : written;
      plan = ViewPlan.compile("v", view(text, exact ? "exact" : "tile"), SCHEMA);
      Window parsed = Window.parse(text);
      window = exact ? new Window.Exact((Window.Sliding) parsed) : parsed;
      random = new SplittableRandom(seed);
      row = new double[plan.size()];
      objects = new Object[plan.size()];
      status = new FeatureStatus[plan.size()];
    }

    /** One entity; 700 events are busy enough to fill every ring. */
    void run(int events) {
      Oracle oracle = new Oracle();
      ViewState state = plan.newState();
      long scale = OracleChecks.scaleOf(window);
      double step = random.nextBoolean() ? 0.004 : 0.1;
      long clock = START;
      for (int i = 0; i < events; i++) {
        clock += (long) (scale * random.nextDouble() * step);
        long late = random.nextInt(4) == 0 ? (long) (scale * random.nextDouble() * 3) : 0;
        Seen event =
            new Seen(clock - late, i, value(random, 1), text(random), random.nextBoolean());
        oracle.add(event);
        plan.update(state, fields(event), event.timeMs());
        if (i % 50 == 0 || i == events - 1) {
          state = plan.decode(plan.encode(state));
          for (int read = 0; read < 4; read++) {
            long behind = (long) (random.nextDouble() * (read == 0 ? 2 : 8) * scale);
            read(state, oracle, oracle.newestMs() - behind);
          }
        }
      }
    }

    private void read(ViewState state, Oracle oracle, long asOf) {
      plan.readDoubles(state, asOf, row, 0);
      plan.read(state, asOf, objects, 0);
      plan.readStatus(state, asOf, status, 0);
      assertThat(plan.isIncomplete(state))
          .isEqualTo(List.of(status).contains(FeatureStatus.INCOMPLETE));
      for (int f = 0; f < row.length; f++) {
        if (status[f] == FeatureStatus.INCOMPLETE) {
          incomplete++;
          assertThat(row[f]).isNaN();
          assertThat(objects[f]).isNull();
          String name = plan.featureNames().get(f);
          assertThat(OracleChecks.mayLack(window, oracle, asOf, name.endsWith("count_distinct")))
              .as("%s over %s has a reason to be incomplete", name, window.text())
              .isTrue();
        } else {
          known++;
        }
      }
      OracleChecks.compare(plan, window, oracle, asOf, row, status);
      OracleChecks.compareObjects(plan, window, oracle, asOf, row, objects, status);
    }
  }

  private static FeatureStatus[] status(ViewPlan plan, ViewState state, long asOf) {
    FeatureStatus[] status = new FeatureStatus[plan.size()];
    plan.readStatus(state, asOf, status, 0);
    assertThat(status).doesNotContain(FeatureStatus.INCOMPLETE);
    return status;
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
          OracleChecks.compare(plan, window, oracle, asOf, row, status(plan, state, asOf));
          plan.read(state, asOf, objects, 0);
          OracleChecks.compareObjects(
              plan, window, oracle, asOf, row, objects, status(plan, state, asOf));
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
