// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.pit;

import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import org.jspecify.annotations.Nullable;

/** States and rows as they were served once, from the events that were applied by then. */
public final class PointInTime {
  private PointInTime() {}

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
}
