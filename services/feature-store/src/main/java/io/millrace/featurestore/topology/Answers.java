// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.serde.FeatureVectors;
import io.millrace.features.view.FeatureKind;
import io.millrace.features.view.FeatureStatus;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** The features of a group's emitted views as of an event, as records. Not thread-safe. */
final class Answers {
  private static final int[] NONE = {};

  private final List<View> views = new ArrayList<>();

  private record View(
      int index,
      ViewPlan plan,
      FeatureVectors vectors,
      double @Nullable [] numbers,
      @Nullable Object[] values) {}

  Answers(Generation generation, FeatureGroup group) {
    for (int i = 0; i < group.plans().size(); i++) {
      ViewPlan plan = group.plans().get(i);
      if (generation.isEmitted(plan.viewName())) {
        boolean isAllNumbers = true;
        for (int feature = 0; feature < plan.size(); feature++) {
          isAllNumbers &= plan.kindOf(feature) == FeatureKind.NUMBER;
        }
        views.add(
            new View(
                i,
                plan,
                new FeatureVectors(
                    generation.app(), plan.viewName(), generation.hash(), plan.featureNames()),
                isAllNumbers ? new double[plan.size()] : null,
                new Object[plan.size()]));
      }
    }
  }

  /** Whether any view of a group is emitted. */
  static boolean isNeeded(Generation generation, FeatureGroup group) {
    return group.plans().stream().anyMatch(plan -> generation.isEmitted(plan.viewName()));
  }

  /** Takes the answer of one view. */
  interface Taker {
    void take(String view, byte[] answer, Headers headers);
  }

  /** Reads each emitted view as of an event's time. */
  void write(GroupState state, long eventTimeMs, Headers event, Taker taker) {
    for (View view : views) {
      ViewPlan plan = view.plan();
      ViewState read = state.view(view.index());
      double[] numbers = view.numbers();
      byte[] answer;
      if (numbers != null) {
        plan.readDoubles(read, eventTimeMs, numbers, 0);
        int[] incomplete = incomplete(plan, read, eventTimeMs);
        answer = view.vectors().write(state.seq(), numbers, incomplete);
      } else {
        plan.read(read, eventTimeMs, view.values(), 0);
        int[] incomplete = incomplete(plan, read, eventTimeMs);
        answer = view.vectors().write(state.seq(), view.values(), incomplete);
      }
      taker.take(plan.viewName(), answer, view.vectors().headers(event));
    }
  }

  /** Which features of the read just made are not known; hardly ever any. */
  private static int[] incomplete(ViewPlan plan, ViewState read, long eventTimeMs) {
    if (!plan.isIncomplete(read)) {
      return NONE;
    }
    return IntStream.range(0, plan.size())
        .filter(i -> plan.status(read, i, eventTimeMs) == FeatureStatus.INCOMPLETE)
        .toArray();
  }
}
