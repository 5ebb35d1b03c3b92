// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.features.view.Oracle.Seen;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a read of every aggregate gave, against {@link Oracle}. */
final class OracleChecks {
  static final long HALF_LIFE_MS = 1_700_000;
  private static final ZoneId LONDON = ZoneId.of("Europe/London");

  private OracleChecks() {}

  /** About how long a stream must be for the window to matter, in ms. */
  static long scaleOf(Window window) {
    return switch (window) {
      case Window.Sliding sliding -> sliding.lengthMs();
      case Window.Exact exact -> exact.inTiles().lengthMs();
      case Window.Session session -> session.gapMs() * 12;
      case Window.Bucket bucket -> bucket.longestMs() / 2;
      default -> 3_600_000;
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

  /**
   * Whether events of the window at T may be gone, by what is written of each kind of window: it is
   * far behind the newest event, or much has happened since it began.
   *
   * @param distinct whether distinct values are counted
   */
  static boolean mayLack(Window window, Oracle oracle, long asOf, boolean distinct) {
    List<Seen> all = oracle.all();
    long newest = oracle.newestMs();
    return switch (window) {
      case Window.Sliding sliding -> {
        long begin = asOf - sliding.lengthMs();
        long tilesSince =
            all.stream()
                .filter(event -> event.timeMs() > begin)
                .map(event -> Math.floorDiv(event.timeMs(), sliding.resolutionMs()))
                .distinct()
                .count();
        yield (distinct && asOf < newest - sliding.lengthMs() / 8)
            || begin < newest - 2 * sliding.lengthMs()
            || tilesSince * 8 >= sliding.lengthMs() / sliding.resolutionMs() * 9;
      }
      case Window.Exact exact ->
          all.size() >= Grid.Events.KEPT && mayLack(exact.inTiles(), oracle, asOf, distinct);
      case Window.Lifetime lifetime -> false;
      case Window.LastEvents last ->
          all.stream().filter(event -> event.timeMs() > asOf).count()
              > Math.max(2, last.events() / 8);
      case Window.Bucket bucket ->
          bucket.text().startsWith("calendar")
              ? day(newest) - day(asOf) > 2
              : Math.floorDiv(newest, bucket.longestMs()) - Math.floorDiv(asOf, bucket.longestMs())
                  > 1;
      case Window.Session session -> all.size() > 4;
    };
  }

  private static long day(long timeMs) {
    return Instant.ofEpochMilli(timeMs).atZone(LONDON).toLocalDate().toEpochDay();
  }

  /** What is no number, and that both reads agree on what is. */
  static void compareObjects(
      ViewPlan plan,
      Window window,
      Oracle oracle,
      long asOf,
      double[] row,
      Object[] objects,
      FeatureStatus[] status) {
    List<Seen> events = included(window, oracle, asOf);
    List<Double> values = Oracle.values(events);
    for (int f = 0; f < row.length; f++) {
      String name = plan.featureNames().get(f);
      if (status[f] == FeatureStatus.INCOMPLETE) {
        continue;
      }
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

  /** Numbers as of a moment against the oracle. */
  static void compare(
      ViewPlan plan,
      Window window,
      Oracle oracle,
      long asOf,
      double[] row,
      FeatureStatus[] status) {
    List<Seen> events = included(window, oracle, asOf);
    List<Double> values = Oracle.values(events);
    for (int f = 0; f < row.length; f++) {
      String name = plan.featureNames().get(f);
      if (plan.kindOf(f) != FeatureKind.NUMBER || status[f] == FeatureStatus.INCOMPLETE) {
        continue;
      }
      if (name.equals("sum_where")) {
        List<Double> flagged = Oracle.values(included(window, oracle.flagged(), asOf));
        checkSum(row[f], Oracle.sum(flagged), flagged);
        continue;
      }
      if (name.equals("rate")) {
        same(row[f], rate(window, events, asOf));
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

  /** A second: of a sliding window all its length, of the lifetime since its first event. */
  private static double rate(Window window, List<Seen> events, long asOf) {
    if (!(window instanceof Window.Lifetime)) {
      return events.size() / (scaleOf(window) / 1000.0);
    }
    long elapsedMs = events.isEmpty() ? 0 : asOf - events.getFirst().timeMs();
    return elapsedMs <= 0 ? Double.NaN : events.size() / (elapsedMs / 1000.0);
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
      case "quantile" -> checkQuantile(actual, values);
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

  /** To the value while the sketch holds all of them, else within twice its 99 % rank error. */
  private static void checkQuantile(double actual, List<Double> values) {
    int n = values.size();
    if (n <= KllSketch.K) {
      List<Double> sorted = values.stream().sorted().toList();
      same(actual, n == 0 ? Double.NaN : sorted.get((int) Math.ceil(0.75 * n) - 1));
      return;
    }
    double below = values.stream().filter(value -> value < actual).count();
    double upTo = values.stream().filter(value -> value <= actual).count();
    assertThat(below / n).isLessThanOrEqualTo(0.75 + 2 * 0.013);
    assertThat(upTo / n).isGreaterThanOrEqualTo(0.75 - 2 * 0.013);
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
}
