// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a state says of how long a read holds is true of every aggregate in every window. */
final class SameUntilTest {
  private static final long START = 1_700_000_000_000L;
  private static final long FAR_MS = 400L * 86_400_000;
  private static final EventSchema SCHEMA =
      new EventSchema(
          Map.of("v", FieldType.NUMBER, "s", FieldType.STRING, "flag", FieldType.BOOLEAN), false);
  private static final List<String> WINDOWS =
      List.of(
          "90s",
          "1h",
          "7d",
          "lifetime",
          "3 events",
          "tumbling 1h",
          "calendar day Europe/London",
          "session 30m");

  private static ViewPlan plan(
      Aggregate aggregate, String window, @Nullable String precision, @Nullable String ttl) {
    String of =
        switch (aggregate.of()) {
          case OPTIONAL -> null;
          case NUMBER, VALUE -> "v";
          case CONDITION -> "flag";
        };
    FeatureDefinition feature =
        new FeatureDefinition(
            aggregate.canonicalName(),
            of,
            null,
            window,
            null,
            aggregate == Aggregate.QUANTILE ? 0.5 : null,
            null,
            aggregate.takesHalfLife() ? "1h" : null,
            precision,
            ttl,
            null,
            null);
    return ViewPlan.compile(
        "v", new FeatureViewDefinition("e", "k", null, Map.of("f", feature), null, null), SCHEMA);
  }

  /** The value and the status, in a form that has an equality. */
  private static List<Object> read(ViewPlan plan, ViewState state, long asOfMs) {
    Object[] values = new Object[1];
    FeatureStatus[] status = new FeatureStatus[1];
    plan.read(state, asOfMs, values, 0);
    plan.readStatus(state, asOfMs, status, 0);
    return Arrays.asList(values[0], status[0]);
  }

  @ParameterizedTest
  @EnumSource(Aggregate.class)
  void sameUntil_anyWindow_holdsUpToThere(Aggregate aggregate) {
    SplittableRandom random = new SplittableRandom(aggregate.ordinal());
    int longer = 0;
    int changedThere = 0;
    for (String window : WINDOWS) {
      if (aggregate == Aggregate.RATE && window.contains(" ")) {
        continue;
      }
      for (String precision : new String[] {null, "exact"}) {
        for (String ttl : new String[] {null, "2h"}) {
          ViewPlan plan = plan(aggregate, window, precision, ttl);
          ViewState state = plan.newState();
          long clock = START;
          for (int i = 0; i < 60; i++) {
            clock += random.nextInt(8) == 0 ? 5_000_000 : random.nextInt(50_000);
            Map<String, Object> fields =
                Map.of("v", random.nextInt(40), "s", "c" + i % 3, "flag", random.nextBoolean());
            plan.update(state, fields, clock - random.nextInt(200_000));
            long asOf = clock + random.nextInt(-9_000_000, 9_000_000);
            List<Object> before = read(plan, state, asOf);
            long until = plan.sameUntil(state, asOf);
            assertThat(until).isGreaterThan(asOf);
            long last = Math.min(until - 1, asOf + FAR_MS);
            for (long at : new long[] {last, random.nextLong(asOf, last + 1)}) {
              assertThat(read(plan, state, at))
                  .as(
                      "%s %s %s, ttl %s: %d in %d to %d",
                      aggregate, window, precision, ttl, at, asOf, until)
                  .isEqualTo(before);
            }
            longer += until > asOf + 1 ? 1 : 0;
            changedThere +=
                until < asOf + FAR_MS && !read(plan, state, until).equals(before) ? 1 : 0;
          }
        }
      }
    }
    boolean readsMoment =
        switch (aggregate) {
          case TIME_SINCE_FIRST, TIME_SINCE_LAST, DECAYED_SUM, DECAYED_COUNT -> true;
          default -> false;
        };
    assertThat(longer > 0).as("known for longer than the moment itself").isNotEqualTo(readsMoment);
    assertThat(changedThere).as("it is different afterwards, now and then").isPositive();
  }
}
