// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * The obviously correct implementation: keeps every event and recomputes each feature by its
 * definition. It shares no code with the engine but the window's stated resolution.
 */
final class Oracle {
  /** An event as the oracle keeps it; {@code order} is the order of arrival. */
  record Seen(long timeMs, int order, Double value, String text, boolean flag) {}

  private final List<Seen> events = new ArrayList<>();

  void add(Seen event) {
    events.add(event);
  }

  long newestMs() {
    return events.stream().mapToLong(Seen::timeMs).max().orElse(0);
  }

  List<Seen> all() {
    return events;
  }

  /** By event time, then arrival. */
  private List<Seen> where(LongPredicate time) {
    return events.stream()
        .filter(event -> time.test(event.timeMs()))
        .sorted(Comparator.comparingLong(Seen::timeMs).thenComparingInt(Seen::order))
        .toList();
  }

  /** Whole tiles that touch (T − w, T]. */
  List<Seen> sliding(long lengthMs, long resolutionMs, long asOfMs) {
    long low = Math.floorDiv(asOfMs - lengthMs + 1, resolutionMs) * resolutionMs;
    long high = (Math.floorDiv(asOfMs, resolutionMs) + 1) * resolutionMs;
    return where(time -> time >= low && time < high);
  }

  /** Exactly (T − w, T]. */
  List<Seen> strict(long lengthMs, long asOfMs) {
    return where(time -> time > asOfMs - lengthMs && time <= asOfMs);
  }

  List<Seen> lifetime() {
    return where(time -> true);
  }

  List<Seen> lastEvents(int count, long asOfMs) {
    List<Seen> upTo = where(time -> time <= asOfMs);
    return upTo.subList(Math.max(0, upTo.size() - count), upTo.size());
  }

  List<Seen> calendarDay(ZoneId zone, long asOfMs) {
    var day = Instant.ofEpochMilli(asOfMs).atZone(zone).toLocalDate();
    return where(time -> Instant.ofEpochMilli(time).atZone(zone).toLocalDate().equals(day));
  }

  List<Seen> tumbling(long lengthMs, long asOfMs) {
    long start = Math.floorDiv(asOfMs, lengthMs) * lengthMs;
    return where(time -> time >= start && time < start + lengthMs);
  }

  /** The chain of events with small gaps that reaches T. */
  List<Seen> session(long gapMs, long asOfMs) {
    List<Seen> sorted = where(time -> true);
    List<Seen> session = new ArrayList<>();
    List<Seen> found = List.of();
    for (Seen event : sorted) {
      if (!session.isEmpty() && event.timeMs() - session.getLast().timeMs() > gapMs) {
        found = reaching(session, gapMs, asOfMs, found);
        session = new ArrayList<>();
      }
      session.add(event);
    }
    return session.isEmpty() ? found : reaching(session, gapMs, asOfMs, found);
  }

  private static List<Seen> reaching(
      List<Seen> session, long gapMs, long asOfMs, List<Seen> otherwise) {
    boolean started = session.getFirst().timeMs() <= asOfMs;
    boolean open = session.getLast().timeMs() + gapMs >= asOfMs;
    return started && open ? List.copyOf(session) : otherwise;
  }

  static List<Double> values(List<Seen> events) {
    return events.stream().map(Seen::value).filter(value -> value != null).toList();
  }

  static BigDecimal sum(List<Double> values) {
    return values.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  static double magnitude(List<Double> values) {
    return values.stream().mapToDouble(Math::abs).sum();
  }

  /** Two passes in decimal arithmetic. */
  static double centralMoment(List<Double> values, int order) {
    BigDecimal n = BigDecimal.valueOf(values.size());
    MathContext digits = new MathContext(60);
    BigDecimal mean = sum(values).divide(n, digits);
    BigDecimal total = BigDecimal.ZERO;
    for (double value : values) {
      total = total.add(new BigDecimal(value).subtract(mean).pow(order), digits);
    }
    return total.doubleValue();
  }

  static int distinct(List<Seen> events) {
    HashSet<String> set = new HashSet<>();
    events.stream().map(Seen::text).filter(text -> text != null).forEach(set::add);
    return set.size();
  }

  Oracle flagged() {
    Oracle flagged = new Oracle();
    events.stream().filter(Seen::flag).forEach(flagged::add);
    return flagged;
  }

  static List<String> texts(List<Seen> events) {
    return events.stream().map(Seen::text).filter(text -> text != null).toList();
  }

  static Map<String, Double> histogram(List<Seen> events) {
    Map<String, Double> counts = new TreeMap<>();
    texts(events).forEach(text -> counts.merge(text, 1.0, Double::sum));
    return counts;
  }

  static List<String> mostFrequent(List<Seen> events) {
    return histogram(events).entrySet().stream()
        .sorted(
            Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .toList();
  }

  static double entropyBits(List<Seen> events) {
    Map<String, Double> counts = histogram(events);
    double total = texts(events).size();
    double bits = 0;
    for (double count : counts.values()) {
      bits -= count / total * Math.log(count / total) / Math.log(2);
    }
    return counts.isEmpty() ? Double.NaN : bits;
  }

  /** Events that met the condition after the newest that did not. */
  static int streak(List<Seen> events) {
    long failure =
        events.stream().filter(e -> !e.flag()).mapToLong(Seen::timeMs).max().orElse(Long.MIN_VALUE);
    return (int) events.stream().filter(e -> e.flag() && e.timeMs() > failure).count();
  }
}
