// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.pit;

import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import java.util.ArrayList;
import java.util.List;

/**
 * Point-in-time rows of some moments of one entity, each with states of its own: for moments that a
 * {@link PointInTimePass} has put off. Needs memory for a state of each view and moment. Cost is
 * one update per event, view and moment. Not thread-safe.
 */
public final class PointInTimeReplay {
  private final List<ViewPlan> plans;
  private final PointInTimePass.Visitor visitor;
  private final List<One> all = new ArrayList<>();

  private record One(int index, Moment moment, ViewState[] states) {}

  /**
   * @param asked indexes of the moments
   */
  public PointInTimeReplay(
      List<ViewPlan> plans,
      PointInTimePass.Moments moments,
      List<Integer> asked,
      PointInTimePass.Visitor visitor) {
    this.plans = List.copyOf(plans);
    this.visitor = visitor;
    for (int index : asked) {
      all.add(new One(index, moments.at(index), PointInTimePass.newStates(this.plans)));
    }
  }

  /** Takes the next event, by {@link KnownEvent#countsFromMs}, then by sequence. */
  public void event(KnownEvent event) {
    for (One one : all) {
      Moment moment = one.moment();
      if (event.countsFromMs() > moment.knownAtMs()
          || event.id().equals(moment.excludedEventId())
          || moment.isAhead(event)) {
        continue;
      }
      for (int view = 0; view < plans.size(); view++) {
        plans.get(view).update(one.states()[view], event.fields(), event.eventTimeMs());
      }
    }
  }

  /** All events are taken: visits the moments. */
  public void end() {
    all.forEach(one -> visitor.visit(one.index(), one.states()));
  }
}
