// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.view.Oracle.Seen;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of the conformance suite: streams of events, moments, and what every aggregate is
 * worth then by {@link Oracle} alone. The engine has no part in them.
 */
final class ConformanceVectors {
  /** Windows as written; {@code exact} in front means {@code precision: exact}. */
  static final List<String> WINDOWS =
      List.of(
          "1h",
          "7d",
          "exact 1h",
          "lifetime",
          "20 events",
          "tumbling 1h",
          "calendar day Europe/London",
          "session 30m");

  /** How events arrive. */
  static final List<String> PATTERNS =
      List.of("in order", "late", "twice", "same time", "long silence", "large values");

  private static final int EVENTS = 40;
  private static final int READ_EVERY = 8;
  private static final long HALF_LIFE_MS = 1_800_000;

  /** An hour before London's clocks go forward. */
  private static final long START = Instant.parse("2026-03-29T00:00:00Z").toEpochMilli();

  /** Which aggregates the suite has, and of what: a name, then the definition. */
  private static final Map<String, String> OF = new LinkedHashMap<>();

  static {
    for (String aggregate :
        "sum mean min max variance std skewness kurtosis first last".split(" ")) {
      OF.put(aggregate, "v");
    }
    for (String aggregate : "median first_n last_n top_n bottom_n".split(" ")) {
      OF.put(aggregate, "v");
    }
    for (String aggregate : "count_distinct most_frequent histogram entropy".split(" ")) {
      OF.put(aggregate, "s");
    }
    OF.put("ratio", "flag");
    OF.put("streak", "flag");
    OF.put("decayed_sum", "v");
  }

  /** One stream and what is read from it. */
  record Stream(String pattern, List<Seen> events, List<Read> reads) {}

  /**
   * Expected values at a moment.
   *
   * @param after how many of the events have arrived
   */
  record Read(int after, long asOfMs, Map<String, @Nullable Object> values) {}

  private ConformanceVectors() {}

  static String windowOf(String written) {
    return written.startsWith("exact ") ? written.substring("exact ".length()) : written;
  }

  /** The features of a file. */
  static Map<String, FeatureDefinition> features(String written) {
    String window = windowOf(written);
    String precision = written.equals(window) ? null : "exact";
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (String aggregate :
        List.of("count", "time_since_first", "time_since_last", "decayed_count")) {
      features.put(aggregate, feature(aggregate, null, null, null, window, precision));
    }
    OF.forEach(
        (aggregate, of) ->
            features.put(aggregate, feature(aggregate, of, null, null, window, precision)));
    features.put("sum_where", feature("sum", "v", "flag", null, window, precision));
    features.put("sum_by", feature("sum", "v", null, "s", window, precision));
    return features;
  }

  private static FeatureDefinition feature(
      String aggregate,
      @Nullable String of,
      @Nullable String where,
      @Nullable String by,
      String window,
      @Nullable String precision) {
    Integer n = aggregate.endsWith("_n") || aggregate.equals("most_frequent") ? 3 : null;
    String halfLife = aggregate.startsWith("decayed") ? "30m" : null;
    return new FeatureDefinition(
        aggregate, of, where, window, by, null, n, halfLife, precision, null, null, null);
  }

  static List<Stream> streams(String written) {
    List<Stream> streams = new ArrayList<>();
    for (String pattern : PATTERNS) {
      SplittableRandom random = new SplittableRandom((written + pattern).hashCode());
      streams.add(stream(written, pattern, random));
    }
    return streams;
  }

  private static Stream stream(String written, String pattern, SplittableRandom random) {
    long length = written.endsWith("7d") ? 604_800_000L : 3_600_000L;
    long clock = START;
    Oracle oracle = new Oracle();
    List<Read> reads = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      boolean again = pattern.equals("twice") && i % 5 == 4;
      clock +=
          again || (pattern.equals("same time") && i % 3 > 0) ? 0 : random.nextLong(length / 8);
      clock += pattern.equals("long silence") && i % 13 == 12 ? 2 * length : 0;
      long late = pattern.equals("late") && i % 3 == 2 ? random.nextLong(length / 2) : 0;
      Seen before = i == 0 ? null : oracle.all().getLast();
      oracle.add(
          again && before != null
              ? new Seen(before.timeMs(), i, before.value(), before.text(), before.flag())
              : new Seen(
                  clock - late, i, value(pattern, random), text(random), random.nextInt(3) > 0));
      if (i % READ_EVERY == READ_EVERY - 1) {
        for (long asOf : new long[] {oracle.newestMs(), oracle.newestMs() + length / 2 + 1}) {
          reads.add(new Read(i + 1, asOf, values(written, oracle, asOf)));
        }
      }
    }
    return new Stream(pattern, oracle.all(), reads);
  }

  private static @Nullable Double value(String pattern, SplittableRandom random) {
    if (random.nextInt(10) == 0) {
      return null;
    }
    int bound = pattern.equals("large values") ? 1_000_000_000 : 1_000;
    return random.nextInt(-bound, bound) / 4.0;
  }

  private static @Nullable String text(SplittableRandom random) {
    return random.nextInt(10) == 0 ? null : "c" + random.nextInt(6);
  }

  private static List<Seen> window(String written, Oracle oracle, long asOf) {
    return switch (Window.parse(windowOf(written))) {
      case Window.Sliding sliding when written.startsWith("exact") ->
          oracle.strict(sliding.lengthMs(), asOf);
      case Window.Sliding sliding ->
          oracle.sliding(sliding.lengthMs(), sliding.resolutionMs(), asOf);
      case Window.LastEvents last -> oracle.lastEvents(last.events(), asOf);
      case Window.Bucket bucket when written.startsWith("calendar") ->
          oracle.calendarDay(ZoneId.of("Europe/London"), asOf);
      case Window.Bucket bucket -> oracle.tumbling(bucket.longestMs(), asOf);
      case Window.Session session -> oracle.session(session.gapMs(), asOf);
      default -> oracle.lifetime();
    };
  }

  private static Map<String, @Nullable Object> values(String written, Oracle oracle, long asOf) {
    List<Seen> events = window(written, oracle, asOf);
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (String name : features(written).keySet()) {
      // Windows that are made of events are made of those that meet the condition.
      List<Seen> seen = name.equals("sum_where") ? window(written, oracle.flagged(), asOf) : events;
      values.put(name, missing(value(name, seen, asOf)));
    }
    return values;
  }

  private static @Nullable Object missing(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Double number when number.isNaN() -> null;
      case List<?> list when list.isEmpty() -> null;
      case Map<?, ?> map when map.isEmpty() -> null;
      default -> value;
    };
  }

  private static @Nullable Object value(String name, List<Seen> events, long asOf) {
    List<Double> values = Oracle.values(events);
    List<Double> sorted = values.stream().sorted().toList();
    int n = values.size();
    return switch (name) {
      case "count" -> (double) events.size();
      case "time_since_first" -> events.isEmpty() ? null : since(events.getFirst(), asOf);
      case "time_since_last" -> events.isEmpty() ? null : since(events.getLast(), asOf);
      case "sum", "sum_where" -> Oracle.sum(values).doubleValue();
      case "sum_by" -> sumBy(events);
      case "mean" -> n == 0 ? null : Oracle.sum(values).doubleValue() / n;
      case "min" -> n == 0 ? null : sorted.getFirst();
      case "max" -> n == 0 ? null : sorted.getLast();
      case "variance", "std", "skewness", "kurtosis" -> moment(name, values);
      case "first" -> n == 0 ? null : values.getFirst();
      case "last" -> n == 0 ? null : values.getLast();
      case "median" -> n == 0 ? null : sorted.get((n + 1) / 2 - 1);
      case "first_n" -> values.stream().limit(3).toList();
      case "last_n" -> values.reversed().stream().limit(3).toList();
      case "top_n" -> sorted.reversed().stream().limit(3).toList();
      case "bottom_n" -> sorted.stream().limit(3).toList();
      case "count_distinct" -> (double) Oracle.distinct(events);
      case "most_frequent" -> Oracle.mostFrequent(events).stream().limit(3).toList();
      case "histogram" -> Oracle.histogram(events);
      case "entropy" -> Oracle.entropyBits(events);
      case "ratio" -> (double) events.stream().filter(Seen::flag).count() / events.size();
      case "streak" -> (double) Oracle.streak(events);
      case "decayed_sum" ->
          decayed(events.stream().filter(e -> e.value() != null).toList(), asOf, true);
      case "decayed_count" -> decayed(events, asOf, false);
      default -> throw new IllegalStateException(name);
    };
  }

  private static double since(Seen event, long asOf) {
    return Math.max(0, asOf - event.timeMs()) / 1000.0;
  }

  private static Map<String, Double> sumBy(List<Seen> events) {
    Map<String, List<Seen>> byText = new TreeMap<>();
    events.stream()
        .filter(e -> e.text() != null)
        .forEach(e -> byText.computeIfAbsent(e.text(), text -> new ArrayList<>()).add(e));
    Map<String, Double> sums = new TreeMap<>();
    byText.forEach((text, seen) -> sums.put(text, Oracle.sum(Oracle.values(seen)).doubleValue()));
    return sums;
  }

  private static @Nullable Double moment(String name, List<Double> values) {
    int n = values.size();
    double m2 = n < 2 ? 0 : Oracle.centralMoment(values, 2);
    if (n < 2) {
      return null;
    }
    double variance = m2 / n;
    return switch (name) {
      case "variance" -> m2 / (n - 1);
      case "std" -> Math.sqrt(m2 / (n - 1));
      case "skewness" ->
          m2 == 0 ? null : Oracle.centralMoment(values, 3) / n / Math.pow(variance, 1.5);
      default -> m2 == 0 ? null : Oracle.centralMoment(values, 4) / n / (variance * variance) - 3;
    };
  }

  private static double decayed(List<Seen> events, long asOf, boolean values) {
    long newest = events.stream().mapToLong(Seen::timeMs).max().orElse(asOf);
    double sum = 0;
    for (Seen event : events) {
      double age = Math.max(asOf, newest) - event.timeMs();
      sum += (values ? event.value() : 1) * Math.pow(2, -age / HALF_LIFE_MS);
    }
    return sum;
  }

  /** A file of the suite. */
  static String json(String written) {
    StringBuilder out = new StringBuilder("{\"window\":");
    text(windowOf(written), out);
    out.append(",\"precision\":\"").append(written.startsWith("exact") ? "exact" : "tile");
    out.append('"');
    if (Window.parse(windowOf(written)) instanceof Window.Sliding sliding) {
      out.append(",\"tileMs\":").append(sliding.resolutionMs());
    }
    out.append(",\n\"features\":{");
    List<String> features = new ArrayList<>();
    features(written).forEach((name, feature) -> features.add(definition(name, feature)));
    out.append(String.join(",\n  ", features)).append("},\n\"streams\":[");
    List<String> streams = streams(written).stream().map(ConformanceVectors::json).toList();
    return out.append(String.join(",\n", streams)).append("]}\n").toString();
  }

  private static String definition(String name, FeatureDefinition feature) {
    Map<String, @Nullable Object> parts = new LinkedHashMap<>();
    parts.put("aggregate", feature.aggregate());
    parts.put("of", feature.of());
    parts.put("where", feature.where());
    parts.put("by", feature.by());
    parts.put("n", feature.n());
    parts.put("halfLife", feature.halfLife());
    parts.values().removeIf(part -> part == null);
    StringBuilder out = new StringBuilder();
    text(name, out);
    out.append(':');
    value(parts, out);
    return out.toString();
  }

  private static String json(Stream stream) {
    StringBuilder out = new StringBuilder("{\"pattern\":");
    text(stream.pattern, out);
    out.append(",\n \"events\":[");
    List<String> lines = new ArrayList<>();
    for (Seen event : stream.events) {
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      fields.put("timeMs", event.timeMs());
      fields.put("v", event.value());
      fields.put("s", event.text());
      fields.put("flag", event.flag());
      StringBuilder line = new StringBuilder();
      value(fields, line);
      lines.add(line.toString());
    }
    out.append(String.join(",\n  ", lines)).append("],\n \"reads\":[");
    lines.clear();
    for (Read read : stream.reads) {
      StringBuilder line = new StringBuilder();
      line.append("{\"after\":").append(read.after).append(",\"asOfMs\":").append(read.asOfMs);
      line.append(",\"values\":");
      value(read.values, line);
      lines.add(line.append('}').toString());
    }
    return out.append(String.join(",\n  ", lines)).append("]}").toString();
  }

  private static void value(@Nullable Object value, StringBuilder out) {
    switch (value) {
      case null -> out.append("null");
      case String text -> text(text, out);
      case List<?> list -> {
        String mark = "[";
        for (Object each : list) {
          out.append(mark);
          value(each, out);
          mark = ",";
        }
        out.append(']');
      }
      case Map<?, ?> map -> {
        String mark = "{";
        for (Map.Entry<?, ?> each : map.entrySet()) {
          out.append(mark);
          text(each.getKey().toString(), out);
          out.append(':');
          value(each.getValue(), out);
          mark = ",";
        }
        out.append('}');
      }
      // Numbers and truth values are spelt as in JSON.
      default -> out.append(value);
    }
  }

  /** The texts here need no escapes. */
  private static void text(String text, StringBuilder out) {
    out.append('"').append(text).append('"');
  }
}
