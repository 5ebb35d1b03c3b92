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

  /** Moments that could not be answered in passing. */
  private int putOff;

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

  /** All that a pass and its replays answer, in the order of the moments. */
  private Object[][] rows(List<KnownEvent> events, List<Moment> moments) {
    PointInTimePass.Moments listed = PointInTimePass.Moments.of(moments);
    Object[][] rows = new Object[moments.size()][];
    PointInTimePass.Visitor visitor =
        (index, states) -> {
          assertThat(rows[index]).as("visited once").isNull();
          rows[index] = new Object[PLAN.size()];
          PLAN.read(states[1], moments.get(index).asOfMs(), rows[index], 0);
        };
    List<Integer> later = new ArrayList<>();
    // Two views: both are updated.
    List<ViewPlan> plans = List.of(PLAN, PLAN);
    PointInTimePass pass = new PointInTimePass(plans, listed, visitor, later::add);
    events.forEach(pass::event);
    pass.end();
    PointInTimeReplay replay = new PointInTimeReplay(plans, listed, later, visitor);
    events.forEach(replay::event);
    replay.end();
    putOff += later.size();
    return rows;
  }

  /** The same, each moment for itself from the start. */
  private static Object[][] expected(List<KnownEvent> events, List<Moment> moments) {
    Object[][] rows = new Object[moments.size()][PLAN.size()];
    for (int m = 0; m < rows.length; m++) {
      Moment moment = moments.get(m);
      ViewState state = PLAN.newState();
      events.stream()
          .filter(e -> e.countsFromMs() <= moment.knownAtMs())
          .filter(e -> !e.id().equals(moment.excludedEventId()))
          .filter(
              e ->
                  !moment.pastOnly()
                      || e.eventTimeMs() <= moment.asOfMs()
                      || e.countsFromMs() <= moment.asOfMs())
          .forEach(e -> PLAN.update(state, e.fields(), e.eventTimeMs()));
      PLAN.read(state, moment.asOfMs(), rows[m], 0);
    }
    return rows;
  }

  @Test
  void rows_eventKnownLater_isNotSeen() {
    List<KnownEvent> events = List.of(event(1_000, 1_000, "a", 1), event(2_000, 9_000, "late", 10));
    Object[][] rows =
        rows(events, List.of(new Moment(5_000, 5_000, null), new Moment(9_000, 9_000, null)));
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
    Object[][] rows = rows(events, List.of(seen, past));
    assertThat(rows[0][4]).as("control: the last value, of the future").isEqualTo(100.0);
    assertThat(rows[1][4]).isEqualTo(10.0);
    assertThat(rows[1][2]).isEqualTo(5.5);
    assertThat(rows[1][1]).as("sum of a day, though the future is two days on").isEqualTo(11.0);
  }

  @Test
  void rows_decidingEventExcluded_isNotSeenButItsNeighboursAre() {
    List<KnownEvent> events =
        List.of(
            event(1, 5, "a", 1),
            event(2, 5, "b", 10),
            event(3, 5, "c", 100),
            event(9, 9, "d", 1_000),
            event(5_000, 9, "ahead", 10_000));
    List<Moment> moments =
        List.of(
            new Moment(3, 5, null),
            new Moment(3, 5, "c"),
            new Moment(3, 5, "a"),
            new Moment(3, 5, "b"),
            new Moment(9, 9, "d"),
            new Moment(9, 9, "unknown"),
            new Moment(5_000, 9, "ahead"),
            new Moment(5_000, 5_000, null));
    assertThat(Arrays.stream(rows(events, moments)).map(row -> row[1]))
        .containsExactly(111.0, 11.0, 110.0, 101.0, 111.0, 1_111.0, 1_111.0, 11_111.0);
    assertThat(putOff).isZero();
  }

  @Test
  void rows_randomHistory_equalReplaysFromTheStart() {
    SplittableRandom random = new SplittableRandom(11);
    int all = 0;
    for (int run = 0; run < 200; run++) {
      List<KnownEvent> events = events(random);
      List<Moment> moments = moments(random, events);
      assertThat(rows(events, moments))
          .as("%s of %s", moments, events)
          .isEqualTo(expected(events, moments));
      all += moments.size();
    }
    assertThat(putOff).as("of " + all).isBetween(1, all / 2);
  }

  @Test
  void rows_eventsAndExclusionsOfOneMillisecond_equalReplaysFromTheStart() {
    SplittableRandom random = new SplittableRandom(14);
    for (int run = 0; run < 200; run++) {
      List<KnownEvent> events = new ArrayList<>();
      List<Moment> moments = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        long known = 1L + i / 4;
        events.add(event(known - random.nextInt(2), known, "e" + i, random.nextInt(100)));
        long moment = known + random.nextInt(2);
        String excluded =
            random.nextBoolean() ? "e" + ((moment - 1) * 4 + random.nextInt(4)) : null;
        moments.add(new Moment(known, moment, excluded));
      }
      moments.sort(Comparator.comparingLong(Moment::knownAtMs));
      assertThat(rows(events, moments))
          .as("%s of %s", moments, events)
          .isEqualTo(expected(events, moments));
    }
  }

  /** More events that happened backwards than the pass remembers. */
  @Test
  void rows_backwardsHistory_arePutOffRatherThanSeeTheFuture() {
    List<KnownEvent> events = new ArrayList<>();
    List<Moment> moments = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      events.add(event(1_000_000 - i, 2_000_000 + i, "e" + i, i % 7));
    }
    for (int i = 0; i < 20; i++) {
      moments.add(new Moment(i * 60_000, 2_020_000, null, true));
    }
    assertThat(rows(events, moments)).isEqualTo(expected(events, moments));
    assertThat(putOff).isPositive();
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
    assertThatThrownBy(() -> rows(events, List.of()))
        .hasMessageContaining("event 'b' counted before");
    assertThatThrownBy(
            () -> rows(List.of(), List.of(new Moment(1, 5, null), new Moment(1, 4, null))))
        .hasMessageContaining("moment 1 is before");
  }

  private static List<KnownEvent> events(SplittableRandom random) {
    List<KnownEvent> events = new ArrayList<>();
    long known = 1_700_000_000_000L;
    for (int i = 0; i < 80; i++) {
      known += random.nextInt(3) == 0 ? 0 : random.nextLong(2_000_000);
      long time =
          switch (random.nextInt(6)) {
            case 0, 1 -> known - random.nextLong(9_000_000);
            case 2 -> known + random.nextLong(9_000_000);
            default -> known;
          };
      double value = random.nextInt(9) == 0 ? -1 : random.nextInt(1_000) / 10.0;
      events.add(event(time, known, "e" + i, value));
    }
    events.sort(Comparator.comparingLong(KnownEvent::countsFromMs));
    return events;
  }

  private static List<Moment> moments(SplittableRandom random, List<KnownEvent> events) {
    List<Moment> moments = new ArrayList<>();
    for (KnownEvent event : events) {
      switch (random.nextInt(6)) {
        case 0 -> moments.add(new Moment(event.eventTimeMs(), event.knownAtMs(), event.id()));
        case 1 -> moments.add(new Moment(event.knownAtMs(), event.knownAtMs(), null));
        case 2 -> moments.add(new Moment(event.eventTimeMs(), event.knownAtMs(), event.id(), true));
        case 3 -> {
          // The past, as one knows it long after.
          long later = event.knownAtMs() + random.nextLong(60_000_000);
          moments.add(new Moment(event.knownAtMs(), later, null, true));
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
