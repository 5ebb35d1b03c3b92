// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Calendar days, weeks and months where clocks change: by an hour forward and back, at midnight, by
 * half an hour, by a whole day left out. The oracle knows no buckets: an event counts where its
 * local date is in the day, ISO week or month of the local date of the read.
 */
final class CalendarOracleTest {
  private static final EventSchema SCHEMA =
      new EventSchema(
          Map.of("v", FieldType.NUMBER, "s", FieldType.STRING, "flag", FieldType.BOOLEAN), false);
  private static final long HOUR_MS = 3_600_000;

  private record Seen(long timeMs, double value, String text, boolean flag) {}

  static Stream<Arguments> changes() {
    return Stream.of(
            arguments("Europe/London", "2026-03-29T01:00:00Z"),
            arguments("Europe/London", "2026-10-25T01:00:00Z"),
            // From midnight to one: the day has no first hour.
            arguments("America/Havana", "2026-03-08T05:00:00Z"),
            arguments("America/Havana", "2026-11-01T05:00:00Z"),
            arguments("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
            arguments("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
            // The 30th of December 2011 did not take place.
            arguments("Pacific/Apia", "2011-12-30T10:00:00Z"),
            arguments("Asia/Kolkata", "2027-01-01T00:00:00Z"),
            arguments("America/New_York", "2028-02-29T05:00:00Z"))
        .flatMap(
            each ->
                Stream.of("day", "week", "month")
                    .map(unit -> arguments(unit, each.get()[0], each.get()[1])));
  }

  private static FeatureDefinition feature(String aggregate, String of, String where, String by) {
    return new FeatureDefinition(
        aggregate, of, where, null, by, null, null, null, null, null, null, null);
  }

  private static Map<String, FeatureDefinition> features(String window) {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    features.put("count", feature("count", null, null, null));
    features.put("sum", feature("sum", "v", null, null));
    features.put("last", feature("last", "v", null, null));
    features.put("max_where", feature("max", "v", "flag", null));
    features.put("count_where", feature("count", null, "flag", null));
    features.put("distinct_where", feature("count_distinct", "s", "flag", null));
    features.put("max_by", feature("max", "v", null, "s"));
    features.put("count_by_where", feature("count", null, "flag", "s"));
    features.replaceAll((name, each) -> in(window, each));
    return features;
  }

  private static FeatureDefinition in(String window, FeatureDefinition each) {
    return new FeatureDefinition(
        each.aggregate(),
        each.of(),
        each.where(),
        window,
        each.by(),
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  @ParameterizedTest
  @MethodSource("changes")
  void read_aroundAChangeOfClocks_equalsTheLocalDates(String unit, String zone, String change) {
    ZoneId of = ZoneId.of(zone);
    ViewPlan plan =
        ViewPlan.compile(
            "v",
            new FeatureViewDefinition(
                "e", "k", null, features("calendar " + unit + " " + zone), null, null),
            SCHEMA);
    long days = unit.equals("day") ? 2 : unit.equals("week") ? 9 : 40;
    for (int seed = 0; seed < 8; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ViewState state = plan.newState();
      List<Seen> events = new ArrayList<>();
      long clock = Instant.parse(change).toEpochMilli() - days * 24 * HOUR_MS / 2;
      for (int i = 0; i < 120; i++) {
        clock += (long) (random.nextDouble() * (double) (days * 24 * HOUR_MS) / 60);
        if (random.nextInt(8) == 0) {
          // To the millisecond of a full hour: where days begin.
          clock = Math.floorDiv(clock, HOUR_MS / 2) * (HOUR_MS / 2) + random.nextInt(-1, 2);
        }
        long late = random.nextInt(4) == 0 ? random.nextLong(6 * HOUR_MS) : 0;
        Seen event =
            new Seen(
                clock - late, random.nextInt(100), "s" + random.nextInt(3), random.nextBoolean());
        events.add(event);
        plan.update(
            state, Map.of("v", event.value, "s", event.text, "flag", event.flag), event.timeMs);
        long newest = events.stream().mapToLong(Seen::timeMs).max().orElseThrow();
        for (long asOf : new long[] {newest, newest + random.nextLong(30 * HOUR_MS)}) {
          check(plan, state, events, asOf, period(unit, of));
        }
      }
    }
  }

  /** What tells a local day, ISO week or month from all others. */
  private static Function<Long, Object> period(String unit, ZoneId zone) {
    return timeMs -> {
      LocalDate date = Instant.ofEpochMilli(timeMs).atZone(zone).toLocalDate();
      return switch (unit) {
        case "day" -> date;
        case "week" ->
            date.get(IsoFields.WEEK_BASED_YEAR) + "-" + date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
        default -> YearMonth.from(date);
      };
    };
  }

  private static void check(
      ViewPlan plan,
      ViewState state,
      List<Seen> events,
      long asOf,
      Function<Long, Object> periodOf) {
    List<Seen> in =
        events.stream()
            .filter(each -> periodOf.apply(each.timeMs).equals(periodOf.apply(asOf)))
            .toList();
    List<Seen> flagged = in.stream().filter(Seen::flag).toList();
    Object[] row = new Object[plan.size()];
    plan.read(state, asOf, row, 0);
    Map<String, Object> read = new TreeMap<>();
    for (int i = 0; i < row.length; i++) {
      read.put(plan.featureNames().get(i), row[i] == null ? "missing" : row[i]);
    }
    Seen last = null;
    for (Seen each : in) {
      last = last == null || each.timeMs >= last.timeMs ? each : last;
    }
    Map<String, Object> expected = new TreeMap<>();
    expected.put("count", (double) in.size());
    expected.put("sum", in.stream().mapToDouble(Seen::value).sum());
    expected.put("last", last == null ? "missing" : (Object) last.value);
    expected.put("count_where", (double) flagged.size());
    expected.put("distinct_where", (double) flagged.stream().map(Seen::text).distinct().count());
    expected.put(
        "max_where",
        flagged.isEmpty()
            ? "missing"
            : (Object) flagged.stream().mapToDouble(Seen::value).max().orElseThrow());
    expected.put(
        "max_by", byText(in, all -> all.stream().mapToDouble(Seen::value).max().orElse(0)));
    expected.put("count_by_where", byText(flagged, all -> (double) all.size()));
    assertThat(read).as("%s of %s", Instant.ofEpochMilli(asOf), in).isEqualTo(expected);
  }

  private static Object byText(List<Seen> events, Function<List<Seen>, Double> figure) {
    Map<String, Double> by = new TreeMap<>();
    events.forEach(
        each ->
            by.computeIfAbsent(
                each.text,
                text -> figure.apply(events.stream().filter(of -> of.text.equals(text)).toList())));
    return by.isEmpty() ? "missing" : by;
  }
}
