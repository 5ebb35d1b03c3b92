// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.pit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class PointInTimeTest {
  private static final EventSchema SCHEMA = new EventSchema(Map.of("v", FieldType.NUMBER), false);
  private static final ViewPlan PLAN = plan();

  private static ViewPlan plan() {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    features.put("n", FeatureDefinition.of("count", null, "1h"));
    features.put("sum", FeatureDefinition.of("sum", "v", "1d"));
    features.put("mean", FeatureDefinition.of("mean", "v", null));
    features.put("std", FeatureDefinition.of("std", "v", "7d"));
    features.put("last", FeatureDefinition.of("last", "v", null));
    features.put("q", FeatureDefinition.of("median", "v", "1d"));
    return ViewPlan.compile(
        "v", new FeatureViewDefinition("e", "k", "v >= 0", features, null, null), SCHEMA);
  }

  private static KnownEvent event(long timeMs, long knownAtMs, String id, double v) {
    return new KnownEvent(timeMs, knownAtMs, id, Map.of("v", v));
  }

  @Test
  void rows_eventKnownLater_isNotSeen() {
    List<KnownEvent> events = List.of(event(1_000, 1_000, "a", 1), event(2_000, 9_000, "late", 10));
    Object[][] rows =
        PointInTime.rows(
            PLAN, events, List.of(new Moment(5_000, 5_000, null), new Moment(9_000, 9_000, null)));
    assertThat(rows[0][1]).isEqualTo(1.0);
    assertThat(rows[1][1]).isEqualTo(11.0);
  }

  @Test
  void rows_pastOnly_seesLateEventsOfThePastAndNoneOfTheFuture() {
    List<KnownEvent> events =
        List.of(
            event(1_000, 1_000, "a", 1),
            event(1_500, 3_000, "late", 10),
            event(90_000_000, 90_000_000, "future", 100));
    Moment seen = new Moment(2_000, 90_000_001, null);
    Moment past = new Moment(2_000, 90_000_001, null, true);
    Object[][] rows = PointInTime.rows(PLAN, events, List.of(seen, past));
    assertThat(rows[0][4]).as("control: the last value, of the future").isEqualTo(100.0);
    assertThat(rows[1][4]).isEqualTo(10.0);
    assertThat(rows[1][2]).isEqualTo(5.5);
    assertThat(rows[1][1]).as("sum of a day, though the future is two days on").isEqualTo(11.0);
  }

  @Test
  void rows_decidingEventExcluded_isNotSeenButItsNeighboursAre() {
    List<KnownEvent> events =
        List.of(event(1, 5, "a", 1), event(2, 5, "b", 10), event(3, 5, "c", 100));
    List<Moment> moments =
        List.of(
            new Moment(3, 5, null),
            new Moment(3, 5, "c"),
            new Moment(3, 5, "a"),
            new Moment(3, 5, "b"),
            new Moment(9, 9, "a"),
            new Moment(9, 9, "unknown"));
    assertThat(Arrays.stream(PointInTime.rows(PLAN, events, moments)).map(row -> row[1]))
        .containsExactly(111.0, 11.0, 110.0, 101.0, 110.0, 111.0);
  }

  @Test
  void rows_randomHistory_equalReplaysFromTheStart() {
    SplittableRandom random = new SplittableRandom(11);
    for (int run = 0; run < 60; run++) {
      List<KnownEvent> events = events(random);
      List<Moment> moments = moments(random, events);
      Object[][] rows = PointInTime.rows(PLAN, events, moments);
      for (int m = 0; m < moments.size(); m++) {
        Moment moment = moments.get(m);
        List<KnownEvent> seen =
            events.stream()
                .filter(e -> e.knownAtMs() <= moment.knownAtMs())
                .filter(e -> !e.id().equals(moment.excludedEventId()))
                .filter(
                    e ->
                        !moment.pastOnly()
                            || e.eventTimeMs() <= moment.asOfMs()
                            || e.knownAtMs() <= moment.asOfMs())
                .toList();
        ViewState state = PLAN.newState();
        seen.forEach(e -> PLAN.update(state, e.fields(), e.eventTimeMs()));
        Object[] expected = new Object[PLAN.size()];
        PLAN.read(state, moment.asOfMs(), expected, 0);
        assertThat(rows[m]).as("%s of %s", moment, events).isEqualTo(expected);
      }
    }
  }

  @Test
  void replay_countOfUpdates_equalsTheStateThatWasServed() {
    SplittableRandom random = new SplittableRandom(12);
    List<KnownEvent> events = events(random);
    ViewState live = PLAN.newState();
    for (KnownEvent event : events) {
      PLAN.update(live, event.fields(), event.eventTimeMs());
      Object[] served = new Object[PLAN.size()];
      PLAN.read(live, event.knownAtMs(), served, 0);
      assertThat(PointInTime.replay(PLAN, events, live.eventCount(), event.knownAtMs()))
          .isEqualTo(served);
    }
    assertThat(live.eventCount()).isLessThan(events.size());
    assertThatThrownBy(() -> PointInTime.replay(PLAN, events, events.size(), 0))
        .hasMessageContaining("history has " + live.eventCount());
  }

  @Test
  void rows_outOfOrder_areRefused() {
    List<KnownEvent> events = List.of(event(1, 5, "a", 1), event(2, 4, "b", 1));
    assertThatThrownBy(() -> PointInTime.rows(PLAN, events, List.of()))
        .hasMessageContaining("event 1 counted before");
    assertThatThrownBy(
            () ->
                PointInTime.rows(
                    PLAN, List.of(), List.of(new Moment(1, 5, null), new Moment(1, 4, null))))
        .hasMessageContaining("moment 1 is before");
    assertThatThrownBy(
            () ->
                PointInTime.rows(
                    PLAN,
                    List.of(event(1, 5, "a", 1), event(2, 5, "a", 1)),
                    List.of(new Moment(1, 5, "a"))))
        .hasMessageContaining("two events have the id 'a'");
  }

  private static List<KnownEvent> events(SplittableRandom random) {
    List<KnownEvent> events = new ArrayList<>();
    long known = 1_700_000_000_000L;
    for (int i = 0; i < 80; i++) {
      known += random.nextInt(3) == 0 ? 0 : random.nextLong(2_000_000);
      long time = known - (random.nextInt(3) == 0 ? random.nextLong(9_000_000) : 0);
      double value = random.nextInt(9) == 0 ? -1 : random.nextInt(1_000) / 10.0;
      events.add(event(time, known, "e" + i, value));
    }
    return events;
  }

  private static List<Moment> moments(SplittableRandom random, List<KnownEvent> events) {
    List<Moment> moments = new ArrayList<>();
    for (KnownEvent event : events) {
      switch (random.nextInt(6)) {
        case 0 -> moments.add(new Moment(event.eventTimeMs(), event.knownAtMs(), event.id()));
        case 1 -> moments.add(new Moment(event.knownAtMs(), event.knownAtMs(), null));
        case 2 -> {
          // Decided by an event that had been known for a while.
          long later = event.knownAtMs() + random.nextLong(3_000_000);
          moments.add(new Moment(later, later, event.id()));
        }
        case 3 -> {
          // The past, as one knows it long after.
          long later = event.knownAtMs() + random.nextLong(60_000_000);
          moments.add(
              new Moment(event.knownAtMs(), later, random.nextBoolean() ? event.id() : null, true));
        }
        default -> {
          // No moment at this event.
        }
      }
    }
    moments.sort(Comparator.comparingLong(Moment::knownAtMs));
    return moments;
  }
}
