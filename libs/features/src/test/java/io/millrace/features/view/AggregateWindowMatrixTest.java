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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each aggregate in each kind of window, plain, with a condition and by category. */
final class AggregateWindowMatrixTest {
  private static final long START = 1_700_000_000_000L;
  private static final EventSchema SCHEMA =
      new EventSchema(
          Map.of("v", FieldType.NUMBER, "s", FieldType.STRING, "flag", FieldType.BOOLEAN), false);
  private static final List<String> WINDOWS =
      List.of(
          "1s",
          "1h",
          "365d",
          "lifetime",
          "20 events",
          "tumbling 1h",
          "calendar day Europe/London",
          "calendar week Asia/Kolkata",
          "calendar month America/New_York",
          "session 30m");

  private record Case(
      String window, @Nullable String where, @Nullable String by, @Nullable String precision) {}

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (String window : WINDOWS) {
      for (String where : new String[] {null, "flag"}) {
        for (String by : new String[] {null, "s"}) {
          for (String precision : new String[] {null, "tile", "exact"}) {
            cases.add(new Case(window, where, by, precision));
          }
        }
      }
    }
    return cases;
  }

  private static FeatureDefinition feature(Aggregate aggregate, Case each) {
    String of =
        switch (aggregate.of()) {
          case OPTIONAL -> null;
          case NUMBER, VALUE -> "v";
          case CONDITION -> "flag";
        };
    return new FeatureDefinition(
        aggregate.canonicalName(),
        of,
        each.where,
        each.window,
        each.by,
        aggregate == Aggregate.QUANTILE ? 0.5 : null,
        null,
        aggregate.takesHalfLife() ? "1h" : null,
        each.precision,
        null,
        null,
        null);
  }

  /** What is refused, by a rule that this test states by itself. */
  private static boolean isRefused(Aggregate aggregate, Case each) {
    boolean hasLength = !each.window.contains(" ");
    boolean isList =
        switch (aggregate) {
          case FIRST_N, LAST_N, TOP_N, BOTTOM_N, MOST_FREQUENT, HISTOGRAM -> true;
          default -> false;
        };
    return (aggregate == Aggregate.RATE && !hasLength) || (isList && each.by != null);
  }

  @ParameterizedTest
  @EnumSource(Aggregate.class)
  void compile_anyWindowConditionAndCategory_worksOrIsRefusedWithAReason(Aggregate aggregate) {
    for (Case each : cases()) {
      FeatureViewDefinition view =
          new FeatureViewDefinition(
              "e", "k", null, Map.of("f", feature(aggregate, each)), null, null);
      if (isRefused(aggregate, each)) {
        String at = aggregate == Aggregate.RATE ? "features.f.window" : "features.f.by";
        assertThat(problems(view)).as("%s", each).isNotEmpty();
        assertThat(problems(view).getFirst().path()).as("%s", each).isEqualTo(at);
        assertThat(problems(view).getFirst().message()).hasSizeGreaterThan(20);
        continue;
      }
      ViewPlan plan = ViewPlan.compile("v", view, SCHEMA);
      ViewState state = plan.newState();
      for (int i = 0; i < 5; i++) {
        plan.update(state, Map.of("v", i * 1.0, "s", "c" + i % 2, "flag", i > 0), START + i * 100L);
      }
      Object[] row = new Object[1];
      plan.read(state, START + 500, row, 0);
      assertThat(row[0]).as("%s", each).isNotNull();
      Object[] again = new Object[1];
      plan.read(plan.decode(plan.encode(state)), START + 500, again, 0);
      assertThat(again).as("%s", each).isEqualTo(row);
      assertThat(plan.describeWindowBound(0)).isNotBlank();
    }
  }

  private static List<DefinitionException.Problem> problems(FeatureViewDefinition view) {
    try {
      ViewPlan.compile("v", view, SCHEMA);
      return List.of();
    } catch (DefinitionException e) {
      return e.problems();
    }
  }
}
