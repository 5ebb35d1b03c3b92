// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a state may take, against states made as large as events can make them. */
final class MostBytesTest {
  private static final long START = 1_700_000_000_000L;
  private static final EventSchema SCHEMA =
      new EventSchema(
          Map.of("v", FieldType.NUMBER, "s", FieldType.STRING, "flag", FieldType.BOOLEAN), false);
  private static final List<String> WINDOWS =
      List.of(
          "1h",
          "lifetime",
          "20 events",
          "tumbling 1h",
          "calendar day Europe/London",
          "session 30m");

  private static ViewPlan plan(Aggregate aggregate, String window, @Nullable String by) {
    String of =
        switch (aggregate.of()) {
          case OPTIONAL, VALUE -> "s";
          case NUMBER -> "v";
          case CONDITION -> "flag";
        };
    Integer n = aggregate.defaultN() > 0 ? Math.min(30, aggregate.maxN()) : null;
    FeatureDefinition feature =
        new FeatureDefinition(
            aggregate.canonicalName(),
            of,
            null,
            window,
            by,
            aggregate == Aggregate.QUANTILE ? 0.5 : null,
            n == null && by != null ? Integer.valueOf(30) : n,
            aggregate.takesHalfLife() ? "1h" : null,
            null,
            "40d",
            null,
            null);
    return ViewPlan.compile(
        "v", new FeatureViewDefinition("e", "k", null, Map.of("f", feature), null, null), SCHEMA);
  }

  @ParameterizedTest
  @EnumSource(Aggregate.class)
  void mostBytes_fullStates_areNotExceeded(Aggregate aggregate) {
    for (String window : WINDOWS) {
      if (aggregate == Aggregate.RATE && window.contains(" ")) {
        continue;
      }
      List<ViewPlan> plans = new ArrayList<>(List.of(plan(aggregate, window, null)));
      if (aggregate.isSplittable()) {
        plans.add(plan(aggregate, window, "s"));
      }
      for (ViewPlan plan : plans) {
        int bytes = plan.encode(full(plan)).length;

        assertThat((long) bytes)
            .as("%s over %s", aggregate, window)
            .isLessThanOrEqualTo(plan.mostBytes());
        assertThat(plan.mostBytes(0)).isPositive().isLessThanOrEqualTo(plan.mostBytes());
      }
    }
  }

  /** Long texts that hardly repeat, numbers of many digits, tiles all in use. */
  private static ViewState full(ViewPlan plan) {
    SplittableRandom random = new SplittableRandom(7);
    ViewState state = plan.newState();
    for (int i = 0; i < 6_000; i++) {
      plan.update(
          state,
          Map.of(
              "v",
              random.nextDouble(),
              "s",
              "€".repeat(400) + random.nextInt(2_000),
              "flag",
              random.nextInt(50) > 0),
          START + i * 1_700L - random.nextInt(3_000_000));
    }
    return state;
  }

  @Test
  void mostBytes_listsOfLongTexts_areReachedAboutHalf() {
    ViewPlan plan = plan(Aggregate.LAST_N, "1h", null);

    assertThat((long) plan.encode(full(plan)).length).isGreaterThan(plan.mostBytes() / 2);
  }
}
