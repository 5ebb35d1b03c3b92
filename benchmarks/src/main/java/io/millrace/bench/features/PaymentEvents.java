// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A week of one busy card's payments, and 18 features of them. */
final class PaymentEvents {
  private static final int EVENTS_PER_DAY = 10_000;
  private static final int DAYS = 7;
  private static final int MERCHANTS = 900;
  private static final long DAY_MS = 86_400_000;

  /** A Monday, so that nothing depends on the clock. */
  static final long NOW_MS = 1_790_000_000_000L;

  /** Between two events. */
  static final long STEP_MS = DAY_MS / EVENTS_PER_DAY;

  private final List<Map<String, Object>> events = new ArrayList<>();

  PaymentEvents() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < EVENTS_PER_DAY * DAYS; i++) {
      events.add(
          Map.of(
              "amount",
              Math.exp(random.nextGaussian(3, 1)),
              "merchant",
              "merchant-" + random.nextInt(MERCHANTS)));
    }
  }

  int size() {
    return events.size();
  }

  Map<String, Object> get(int index) {
    return events.get(index);
  }

  /** The state after all of them. */
  ViewState state(ViewPlan plan) {
    ViewState state = plan.newState();
    for (int i = 0; i < events.size(); i++) {
      plan.update(state, events.get(i), NOW_MS - (events.size() - i) * STEP_MS);
    }
    return state;
  }

  static ViewPlan plan() {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (String window : List.of("1h", "1d", "7d")) {
      features.put("count_" + window, FeatureDefinition.of("count", null, window));
      for (String aggregate : List.of("sum", "mean", "max")) {
        features.put(aggregate + "_" + window, FeatureDefinition.of(aggregate, "amount", window));
      }
    }
    for (String window : List.of("1d", "7d")) {
      features.put("min_" + window, FeatureDefinition.of("min", "amount", window));
      features.put("std_" + window, FeatureDefinition.of("std", "amount", window));
      features.put(
          "merchants_" + window, FeatureDefinition.of("count_distinct", "merchant", window));
    }
    return ViewPlan.compile(
        "payments",
        new FeatureViewDefinition("payment", "card", null, features, null, null),
        new EventSchema(Map.of("amount", FieldType.NUMBER, "merchant", FieldType.STRING), false));
  }
}
