// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.pit;

import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Point-in-time join of one entity: its events are applied once, in the order in which they began
 * to count, by the code of the stream, and the states of its views are shown at each moment. Events
 * are handed over one after the other and not kept, so a history may be of any length: it needs
 * memory for a state of each view, the events of one millisecond, and a few thousand pairs of
 * numbers.
 *
 * <p>Cost is one update per event and view, and one visit per moment. A moment that excludes an
 * event which is not the last one of its millisecond costs a copy of the states and the updates
 * after that event. Moments of the past only ({@link Moment#pastOnly}) for which an event is ahead
 * cannot be answered in passing. They are put off, to be answered by a {@link PointInTimeReplay}.
 * Not thread-safe.
 */
public final class PointInTimePass {
  /** Beyond so many, moments of the past only may be put off without need. */
  private static final int PEAKS_MAX = 8_192;

  private static final int NO_EVENT = Integer.MAX_VALUE;

  private final List<ViewPlan> plans;
  private final ViewState[] states;
  private final Moments moments;
  private final Visitor visitor;
  private final IntConsumer putOff;
  private final boolean hasPastOnly;

  /** The newest events, which began to count together, that are not applied yet. */
  private final List<KnownEvent> newest = new ArrayList<>();

  /**
   * Events that happened later than all that count from later on: the first one that counts from
   * after a moment tells how far ahead of it events are. Kept for moments of the past only.
   */
  private final Deque<Peak> peaks = new ArrayDeque<>();

  /** From when on the last peak counted that has been forgotten. */
  private long forgottenMs = Long.MIN_VALUE;

  private long newestMs = Long.MIN_VALUE;
  private long visitedMs = Long.MIN_VALUE;
  private int next;

  private record Peak(long countsFromMs, long eventTimeMs) {}

  /** Moments in the order of their known-at times. */
  public interface Moments {
    int size();

    /** As {@link Moment#knownAtMs} of that moment. */
    long knownAtMs(int index);

    Moment at(int index);

    /** Whether any of them is of the past only. */
    boolean hasPastOnly();

    /** Moments that are in that order. */
    static Moments of(List<Moment> moments) {
      boolean hasPastOnly = moments.stream().anyMatch(Moment::pastOnly);
      return new Moments() {
        @Override
        public int size() {
          return moments.size();
        }

        @Override
        public long knownAtMs(int index) {
          return moments.get(index).knownAtMs();
        }

        @Override
        public Moment at(int index) {
          return moments.get(index);
        }

        @Override
        public boolean hasPastOnly() {
          return hasPastOnly;
        }
      };
    }
  }

  /** Takes the states at a moment; they must be read at once and neither kept nor updated. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Called once per moment.
     *
     * @param moment its index
     * @param states of the views, in their order
     */
    void visit(int moment, ViewState[] states);
  }

  /**
   * @param putOff told of each moment that has to be answered by {@link PointInTimeReplay} instead
   */
  public PointInTimePass(
      List<ViewPlan> plans, Moments moments, Visitor visitor, IntConsumer putOff) {
    this.plans = List.copyOf(plans);
    this.states = newStates(this.plans);
    this.moments = moments;
    this.visitor = visitor;
    this.putOff = putOff;
    this.hasPastOnly = moments.hasPastOnly();
  }

  static ViewState[] newStates(List<ViewPlan> plans) {
    return plans.stream().map(ViewPlan::newState).toArray(ViewState[]::new);
  }

  /**
   * Takes the next event, by {@link KnownEvent#countsFromMs}, then by sequence.
   *
   * @throws IllegalArgumentException if it counted before the one in front
   */
  public void event(KnownEvent event) {
    long countsFromMs = event.countsFromMs();
    if (countsFromMs < newestMs) {
      throw new IllegalArgumentException(
          "event '" + event.id() + "' counted before the one in front");
    }
    if (countsFromMs > newestMs) {
      visitBefore(countsFromMs);
      apply(newest.size());
      newestMs = countsFromMs;
    }
    newest.add(event);
    if (hasPastOnly) {
      remember(event);
    }
  }

  private void remember(KnownEvent event) {
    while (!peaks.isEmpty() && peaks.getLast().eventTimeMs() <= event.eventTimeMs()) {
      peaks.removeLast();
    }
    peaks.addLast(new Peak(event.countsFromMs(), event.eventTimeMs()));
    if (peaks.size() > PEAKS_MAX) {
      forgottenMs = peaks.removeFirst().countsFromMs();
    }
  }

  /**
   * All events are taken: visits the moments that are left.
   *
   * @throws IllegalArgumentException if moments are out of order
   */
  public void end() {
    while (next < moments.size()) {
      visitTogether();
    }
  }

  private void visitBefore(long countsFromMs) {
    while (next < moments.size() && moments.knownAtMs(next) < countsFromMs) {
      visitTogether();
    }
  }

  /** Visits the next moments of one known-at time. All that they know is applied, or the newest. */
  private void visitTogether() {
    int from = next;
    long knownAtMs = moments.knownAtMs(from);
    if (knownAtMs < visitedMs) {
      throw new IllegalArgumentException("moment " + from + " is before the one in front");
    }
    visitedMs = knownAtMs;
    do {
      next++;
    } while (next < moments.size() && moments.knownAtMs(next) == knownAtMs);
    if (next - from == 1) {
      Moment moment = moments.at(from);
      visit(from, moment, placeOf(moment.excludedEventId()));
      return;
    }
    // Those that exclude early events first, and those that exclude none last: then an event is
    // applied to the states for good only after the moment without it.
    List<Asked> asked = new ArrayList<>(next - from);
    for (int index = from; index < next; index++) {
      Moment moment = moments.at(index);
      asked.add(new Asked(index, moment, placeOf(moment.excludedEventId())));
    }
    asked.sort(Comparator.comparingInt(Asked::excluded));
    int before = newest.size();
    for (Asked each : asked) {
      int applied = before - newest.size();
      int excluded = each.excluded();
      visit(each.index(), each.moment(), excluded == NO_EVENT ? NO_EVENT : excluded - applied);
    }
  }

  /** A moment with the place of the event that it excludes. */
  private record Asked(int index, Moment moment, int excluded) {}

  /**
   * Visits a moment, or puts it off.
   *
   * @param excluded place among the newest events
   */
  private void visit(int index, Moment moment, int excluded) {
    if (mayKnowAhead(moment)) {
      putOff.accept(index);
      return;
    }
    apply(Math.min(excluded, newest.size()));
    visitor.visit(index, newest.size() <= 1 ? states : withAllButTheFirst());
  }

  /**
   * Place among the newest events, {@link #NO_EVENT} where it is not among them: then it came too
   * late to count at all, or does not count yet.
   */
  private int placeOf(@Nullable String excludedId) {
    for (int i = 0; excludedId != null && i < newest.size(); i++) {
      if (newest.get(i).id().equals(excludedId)) {
        return i;
      }
    }
    return NO_EVENT;
  }

  private ViewState[] withAllButTheFirst() {
    ViewState[] shown = new ViewState[states.length];
    for (int view = 0; view < shown.length; view++) {
      shown[view] = plans.get(view).copy(states[view]);
    }
    for (int i = 1; i < newest.size(); i++) {
      update(shown, newest.get(i));
    }
    return shown;
  }

  /** Whether an event may be ahead of a moment; never no where one is. */
  private boolean mayKnowAhead(Moment moment) {
    if (!moment.pastOnly()) {
      return false;
    }
    for (Peak peak : peaks) {
      if (peak.countsFromMs() > moment.asOfMs()) {
        return peak.eventTimeMs() > moment.asOfMs() || forgottenMs > moment.asOfMs();
      }
    }
    return forgottenMs > moment.asOfMs();
  }

  /** Applies the first of the newest events. */
  private void apply(int count) {
    for (int i = 0; i < count; i++) {
      update(states, newest.get(i));
    }
    if (count == newest.size()) {
      newest.clear();
    } else if (count > 0) {
      newest.subList(0, count).clear();
    }
  }

  private void update(ViewState[] shown, KnownEvent event) {
    for (int view = 0; view < shown.length; view++) {
      plans.get(view).update(shown[view], event.fields(), event.eventTimeMs());
    }
  }
}
