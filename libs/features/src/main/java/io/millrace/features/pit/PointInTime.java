// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.pit;

import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Point-in-time join of one entity: its events are applied once, in the order in which they began
 * to count, by the code of the stream, and the state is shown at each moment.
 *
 * <p>Cost is one update per event and one visit per moment. A moment that excludes an event which
 * is not the last one known costs a copy of the state and the updates after that event, and a
 * replay from the start only if an earlier moment has already used the event. A moment of the past
 * only ({@link Moment#pastOnly}) for which an event is ahead costs a replay from the start.
 */
public final class PointInTime {
  private PointInTime() {}

  /** Takes the state at a moment; it must be read at once and neither kept nor updated. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Called once per moment, by known-at time.
     *
     * @param moment index in the list of moments
     */
    void visit(int moment, ViewState state);
  }

  /**
   * Visits the state at every moment.
   *
   * @param events in the order applied: by {@link KnownEvent#countsFromMs}, then by sequence
   * @param moments by known-at time
   * @throws IllegalArgumentException if events or moments are out of order
   */
  public static void visit(
      ViewPlan plan, List<KnownEvent> events, List<Moment> moments, Visitor visitor) {
    for (int i = 1; i < events.size(); i++) {
      if (events.get(i).countsFromMs() < events.get(i - 1).countsFromMs()) {
        throw new IllegalArgumentException("event " + i + " counted before the one in front");
      }
    }
    int[] excluded = excluded(events, moments);
    ViewState state = plan.newState();
    int applied = 0;
    int known = 0;
    for (int index : visitOrder(moments, excluded)) {
      Moment moment = moments.get(index);
      while (known < events.size() && events.get(known).countsFromMs() <= moment.knownAtMs()) {
        known++;
      }
      int without = excluded[index];
      if (knowsAhead(events, known, moment)) {
        ViewState shown = plan.newState();
        for (int i = 0; i < known; i++) {
          if (i != without && !moment.isAhead(events.get(i))) {
            apply(plan, shown, events, i, i + 1);
          }
        }
        visitor.visit(index, shown);
      } else if (without < 0 || without >= known) {
        apply(plan, state, events, applied, known);
        applied = known;
        visitor.visit(index, state);
      } else if (without >= applied) {
        apply(plan, state, events, applied, without);
        applied = without;
        ViewState shown = state;
        if (without < known - 1) {
          shown = plan.copy(state);
          apply(plan, shown, events, without + 1, known);
        }
        visitor.visit(index, shown);
      } else {
        ViewState shown = plan.newState();
        apply(plan, shown, events, 0, without);
        apply(plan, shown, events, without + 1, known);
        visitor.visit(index, shown);
      }
    }
  }

  /**
   * The rows of features at the moments, in the order of the moments.
   *
   * @see ViewPlan#read
   */
  public static @Nullable Object[][] rows(
      ViewPlan plan, List<KnownEvent> events, List<Moment> moments) {
    @Nullable Object[][] rows = new Object[moments.size()][plan.size()];
    visit(
        plan,
        events,
        moments,
        (index, state) -> plan.read(state, moments.get(index).asOfMs(), rows[index], 0));
    return rows;
  }

  /**
   * The state after the first {@code count} updates, as it was when a vector was served.
   *
   * @param applied events in the order in which they were applied; those that the view's condition
   *     keeps out do not count
   * @return a state with {@link ViewState#eventCount()} below {@code count} if there are not that
   *     many events
   */
  public static ViewState replay(ViewPlan plan, Iterable<KnownEvent> applied, long count) {
    ViewState state = plan.newState();
    for (KnownEvent event : applied) {
      if (state.eventCount() >= count) {
        break;
      }
      plan.update(state, event.fields(), event.eventTimeMs());
    }
    return state;
  }

  /**
   * Features as of a moment from the first {@code count} updates.
   *
   * @throws IllegalArgumentException if there are fewer events than that
   */
  public static @Nullable Object[] replay(
      ViewPlan plan, Iterable<KnownEvent> applied, long count, long asOfMs) {
    ViewState state = replay(plan, applied, count);
    if (state.eventCount() < count) {
      throw new IllegalArgumentException(
          "history has " + state.eventCount() + " events of the " + count + " applied");
    }
    @Nullable Object[] row = new Object[plan.size()];
    plan.read(state, asOfMs, row, 0);
    return row;
  }

  private static void apply(
      ViewPlan plan, ViewState state, List<KnownEvent> events, int from, int to) {
    for (int i = from; i < to; i++) {
      plan.update(state, events.get(i).fields(), events.get(i).eventTimeMs());
    }
  }

  /** Whether one of the first {@code known} events is ahead of a moment. */
  private static boolean knowsAhead(List<KnownEvent> events, int known, Moment moment) {
    for (int i = known - 1;
        moment.pastOnly() && i >= 0 && events.get(i).countsFromMs() > moment.asOfMs();
        i--) {
      if (moment.isAhead(events.get(i))) {
        return true;
      }
    }
    return false;
  }

  /** Per moment the index of the event that it excludes, −1 for none. */
  private static int[] excluded(List<KnownEvent> events, List<Moment> moments) {
    int[] excluded = new int[moments.size()];
    Arrays.fill(excluded, -1);
    if (moments.stream().allMatch(moment -> moment.excludedEventId() == null)) {
      return excluded;
    }
    Map<String, Integer> indexOf = HashMap.newHashMap(events.size());
    for (int i = 0; i < events.size(); i++) {
      if (indexOf.put(events.get(i).id(), i) != null) {
        throw new IllegalArgumentException("two events have the id '" + events.get(i).id() + "'");
      }
    }
    for (int i = 0; i < excluded.length; i++) {
      String id = moments.get(i).excludedEventId();
      excluded[i] = id == null ? -1 : indexOf.getOrDefault(id, -1);
    }
    return excluded;
  }

  /** Among moments of equal known-at time, those that exclude early events first, none last. */
  private static int[] visitOrder(List<Moment> moments, int[] excluded) {
    boolean sorted = true;
    for (int i = 0; i < excluded.length; i++) {
      sorted &= excluded[i] < 0;
      if (i > 0 && moments.get(i).knownAtMs() < moments.get(i - 1).knownAtMs()) {
        throw new IllegalArgumentException("moment " + i + " is before the one in front");
      }
    }
    if (sorted) {
      int[] order = new int[excluded.length];
      Arrays.setAll(order, i -> i);
      return order;
    }
    Integer[] order = new Integer[moments.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order,
        Comparator.<Integer>comparingLong(i -> moments.get(i).knownAtMs())
            .thenComparingInt(i -> excluded[i] < 0 ? Integer.MAX_VALUE : excluded[i]));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }
}
