// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.expression.Compiled;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ViewPlanTest {
  private static final long HOUR = 3_600_000;
  private static final long START = 1_700_000_000_000L;
  private static final EventSchema SCHEMA =
      new EventSchema(
          Map.of("v", FieldType.NUMBER, "s", FieldType.STRING, "d", FieldType.DYNAMIC), false);

  private static ViewPlan plan(String where, Object... namesAndFeatures) {
    return ViewPlan.compile("view", view(where, namesAndFeatures), SCHEMA);
  }

  private static FeatureViewDefinition view(String where, Object... namesAndFeatures) {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (int i = 0; i < namesAndFeatures.length; i += 2) {
      features.put((String) namesAndFeatures[i], (FeatureDefinition) namesAndFeatures[i + 1]);
    }
    return new FeatureViewDefinition("e", "k", where, features, null, null);
  }

  private static FeatureDefinition feature(String aggregate, String of, String window) {
    return FeatureDefinition.of(aggregate, of, window);
  }

  private static double[] read(ViewPlan plan, ViewState state, long asOf) {
    double[] row = new double[plan.size()];
    plan.readDoubles(state, asOf, row, 0);
    return row;
  }

  @Test
  void read_nothingHappensAnyMore_windowEmptiesByItself() {
    ViewPlan plan = plan(null, "n", feature("count", null, "1h"), "m", feature("max", "v", "1h"));
    ViewState state = plan.newState();
    plan.update(state, Map.of("v", 5.0), START);
    assertThat(read(plan, state, START + HOUR / 2)).containsExactly(1, 5);
    assertThat(read(plan, state, START + HOUR + 60_000)).containsExactly(0, Double.NaN);
  }

  @Test
  void read_windowOf90Seconds_endsWithinOneSecond() {
    ViewPlan plan = plan(null, "n", feature("count", null, "90s"));
    ViewState state = plan.newState();
    for (long second : new long[] {0, 30, 89, 90, 91}) {
      plan.update(state, Map.of(), second * 1000);
    }
    assertThat(plan.describeWindowBound(0)).contains("(T − 90s, T]").contains("up to 1s more");
    assertThat(read(plan, state, 89_999)).containsExactly(3);
    assertThat(read(plan, state, 91_000)).containsExactly(4);
    assertThat(read(plan, state, 180_000)).containsExactly(2);
  }

  @Test
  void update_eventAheadByOneWindow_costsABusyEntityNoMoreThanItsOldestTile() {
    ViewPlan plan = plan(null, "n", feature("count", null, "1h"));
    ViewState state = plan.newState();
    for (int minute = 0; minute <= 180; minute++) {
      plan.update(state, Map.of(), START + minute * 60_000L);
    }
    long now = START + 180 * 60_000L;
    double before = read(plan, state, now)[0];
    plan.update(state, Map.of(), now + HOUR);
    assertThat(read(plan, state, now)[0]).isEqualTo(before);
    // Further ahead it is alone: whoever updates must hold it back until its time has come.
    plan.update(state, Map.of(), now + 3 * HOUR);
    plan.update(state, Map.of(), now);
    assertThat(read(plan, state, now + 3 * HOUR)[0]).isEqualTo(1);
    assertThat(plan.status(state, 0, now)).isEqualTo(FeatureStatus.INCOMPLETE);
  }

  @Test
  void undefined_valuesThatTheFieldsGiveNone_areToldWithTheirExpression() {
    ViewPlan plan =
        plan(
            "d > 0",
            "ratio",
            feature("sum", "v / d", "1h"),
            "largest",
            feature("max", "v * v", "1h"),
            "known",
            feature("sum", "coalesce(v / d, 0.0)", "1h"));
    ViewState state = plan.newState();
    assertThat(undefinedAfter(plan, state, Map.of("v", 6.0, "d", 2.0))).isEmpty();
    // A field that is not there makes no value undefined, only missing.
    assertThat(undefinedAfter(plan, state, Map.of("d", 2.0))).isEmpty();
    assertThat(undefinedAfter(plan, state, Map.of())).isEmpty();
    assertThat(undefinedAfter(plan, state, Map.of("v", 1e200, "d", 1.0))).containsExactly("v * v");
    assertThat(undefinedAfter(plan, state, Map.of("v", 1.0, "d", "two"))).containsExactly("d > 0");
    assertThat(undefinedAfter(plan, state, Map.of("v", "one", "d", 1.0)))
        .containsExactlyInAnyOrder("v / d", "v * v");
    assertThat(undefinedAfter(plan, state, Map.of("v", 1.0, "d", 1.0))).isEmpty();
    assertThat(read(plan, state, START)).containsExactly(3 + 1e200 + 1, 36, 3 + 1e200 + 1);

    ViewPlan everyEvent = plan(null, "ratio", feature("sum", "v / (d - 1.0)", "1h"));
    assertThat(undefinedAfter(everyEvent, everyEvent.newState(), Map.of("v", 6.0, "d", 1.0)))
        .containsExactly("v / (d - 1.0)");
  }

  private static List<String> undefinedAfter(ViewPlan plan, ViewState state, Map<String, ?> event) {
    plan.update(state, event, START);
    return plan.undefined(state).stream().map(Compiled::source).toList();
  }

  @Test
  void read_categoriesOfNothingButStars_areNotTheOverflow() {
    FeatureDefinition sums =
        new FeatureDefinition("sum", "v", null, "1h", "s", null, 3, null, null, null, null, null);
    FeatureDefinition histogram =
        new FeatureDefinition(
            "histogram", "s", null, "1h", null, null, 3, null, null, null, null, null);
    ViewPlan plan = plan(null, "by", sums, "all", histogram);
    ViewState state = plan.newState();
    for (String category : new String[] {"*", "**", "", "more", "*", "much"}) {
      plan.update(state, Map.of("s", category, "v", 1.0), START);
    }
    Object[] row = new Object[2];
    plan.read(state, START, row, 0);
    Map<String, Double> counts = Map.of("**", 2.0, "***", 1.0, "", 1.0, "*", 2.0);
    assertThat(row[0]).isEqualTo(counts);
    assertThat(row[1]).isEqualTo(counts);
  }

  @Test
  void read_behindTheNewestEventOfADenseStream_missesNothing() {
    ViewPlan plan = plan(null, "n", feature("count", null, "1h"), "s", feature("sum", "v", "1h"));
    ViewState state = plan.newState();
    long now = START;
    for (int i = 0; i < 2_000; i++) {
      now += 10_000;
      plan.update(state, Map.of("v", 2.0), now);
      if (i > 800) {
        long behind = now - HOUR / 8;
        long low = Math.floorDiv(behind - HOUR + 1, 60_000L) * 60_000;
        long high = (Math.floorDiv(behind, 60_000L) + 1) * 60_000;
        long events =
            Math.floorDiv(Math.min(high - 1, now) - START, 10_000L)
                - Math.floorDiv(low - 1 - START, 10_000L);
        assertThat(read(plan, state, behind)).containsExactly((double) events, 2.0 * events);
      }
    }
  }

  @Test
  void read_exactWindowOfABusyEntity_isInTilesUntilItsEventsReachBackFarEnough() {
    ViewPlan plan = plan(null, "exact", exactCount("1h"), "tiles", feature("count", null, "1h"));
    ViewState state = plan.newState();
    for (int second = 0; second < 2_000; second++) {
      plan.update(state, Map.of(), START + second * 1_000L);
    }
    long last = START + 1_999_000;
    // All 2,000 are in the window, of which 500 are kept.
    assertThat(read(plan, state, last + 60_000)).containsExactly(2_000, 2_000);
    // The window begins after the oldest one kept.
    double[] row = read(plan, state, last - 499_000 + HOUR);
    assertThat(row[0]).isEqualTo(499);
    assertThat(row[1]).isGreaterThan(499).isLessThanOrEqualTo(499 + 60);
    assertThat(read(plan, state, last - 10_500 + HOUR)[0]).isEqualTo(11);
    assertThat(plan.describeWindowBound(0)).startsWith("exactly (T − 1h, T] while").contains("500");
    assertThat(read(plan, plan.decode(plan.encode(state)), last - 499_000 + HOUR)).isEqualTo(row);
  }

  private static FeatureDefinition exactCount(String window) {
    return new FeatureDefinition(
        "count", null, null, window, null, null, null, null, "exact", null, null, null);
  }

  @Test
  void update_eventKeptOutByCondition_leavesTheStateAlone() {
    ViewPlan plan = plan("v > 0", "n", feature("count", null, null));
    ViewState state = plan.newState();
    assertThat(plan.update(state, Map.of("v", -1.0), START)).isFalse();
    assertThat(plan.update(state, Map.of(), START)).isFalse();
    assertThat(state.eventCount()).isZero();
    assertThat(plan.encode(state)).isEqualTo(plan.encode(plan.newState()));
    assertThat(plan.update(state, Map.of("v", 1.0), START)).isTrue();
    assertThat(state.eventCount()).isEqualTo(1);
  }

  @Test
  void update_eventOlderThanTheRing_isCountedAsAppliedOnly() {
    ViewPlan plan = plan(null, "n", feature("count", null, "1h"));
    ViewState state = plan.newState();
    plan.update(state, Map.of(), START);
    plan.update(state, Map.of(), START - 100 * HOUR);
    assertThat(state.eventCount()).isEqualTo(2);
    assertThat(state.lastEventTimeMs()).isEqualTo(START);
    assertThat(read(plan, state, START)).containsExactly(1);
  }

  @Test
  void status_ttlPassed_isExpiredAndTheValueIsWithheld() {
    FeatureDefinition last =
        new FeatureDefinition(
            "last", "v", null, null, null, null, null, null, null, "2h", null, null);
    ViewPlan plan = plan(null, "last", last);
    ViewState state = plan.newState();
    assertThat(plan.status(state, 0, START)).isEqualTo(FeatureStatus.MISSING);
    plan.update(state, Map.of("v", 3.0), START);
    plan.update(state, Map.of(), START + HOUR);
    assertThat(plan.status(state, 0, START + 2 * HOUR)).isEqualTo(FeatureStatus.PRESENT);
    assertThat(read(plan, state, START + 2 * HOUR)).containsExactly(3);
    assertThat(plan.status(state, 0, START + 2 * HOUR + 1)).isEqualTo(FeatureStatus.EXPIRED);
    assertThat(read(plan, state, START + 2 * HOUR + 1)).containsExactly(Double.NaN);
    Object[] objects = new Object[1];
    plan.read(state, START + 2 * HOUR + 1, objects, 0);
    assertThat(objects).containsExactly((Object) null);
  }

  @Test
  void countDistinct_beyondItsBound_isEstimatedInBoundedSpace() {
    ViewPlan plan = plan(null, "d", feature("count_distinct", "s", null));
    ViewState state = plan.newState();
    for (int i = 0; i < 50_000; i++) {
      plan.update(state, Map.of("s", "user-" + i), START);
      if (i == 999) {
        assertThat(read(plan, state, START)).containsExactly(1_000);
      }
    }
    assertThat(read(plan, state, START)[0]).isBetween(50_000 * 0.93, 50_000 * 1.07);
    assertThat(plan.encode(state)).hasSizeLessThan(2_100);
  }

  @Test
  void countDistinct_orderOfEvents_doesNotMatter() {
    ViewPlan plan = plan(null, "d", feature("count_distinct", "s", "1d"));
    ViewState forward = plan.newState();
    ViewState backward = plan.newState();
    for (int i = 0; i < 5_000; i++) {
      plan.update(forward, Map.of("s", "u" + i), START + i * 1_000L);
      plan.update(backward, Map.of("s", "u" + (4_999 - i)), START + (4_999 - i) * 1_000L);
    }
    assertThat(read(plan, forward, START + 5_000_000))
        .containsExactly(read(plan, backward, START + 5_000_000));
  }

  @Test
  void quantile_manyValues_isWithinItsRankError() {
    ViewPlan plan = plan(null, "whole", quantile(0.9, null), "tiles", quantile(0.9, "7d"));
    ViewState state = plan.newState();
    SplittableRandom random = new SplittableRandom(3);
    int count = 60_000;
    for (int i = 0; i < count; i++) {
      // The value is its own rank: uniform in 0 to 1.
      plan.update(state, Map.of("v", random.nextDouble()), START + i * 10_000L);
    }
    for (double value : read(plan, state, START + count * 10_000L)) {
      assertThat(value).isBetween(0.9 - 0.02, 0.9 + 0.02);
    }
    assertThat(plan.encode(state)).hasSizeLessThan(300_000);
  }

  private static FeatureDefinition quantile(double q, String window) {
    return new FeatureDefinition(
        "quantile", "v", null, window, null, q, null, null, null, null, null, null);
  }

  @Test
  void approxCountDistinct_manyValues_isWithinItsErrorAndSmall() {
    ViewPlan plan =
        plan(
            null,
            "approximate",
            feature("approx_count_distinct", "s", null),
            "hour",
            feature("approx_count_distinct", "s", "1h"));
    ViewState state = plan.newState();
    for (int i = 0; i < 50_000; i++) {
      plan.update(state, Map.of("s", "value-" + i), START + i);
    }
    for (double count : read(plan, state, START + 50_000)) {
      // Three standard errors of 2.3 %.
      assertThat(count).isBetween(50_000 * 0.93, 50_000 * 1.07);
    }
    assertThat(plan.encode(state)).hasSizeLessThan(8_000);
  }

  @Test
  void mostFrequent_floodOfRareCategories_keepsTheFrequentOne() {
    ViewPlan plan =
        plan(
            null,
            "top",
            feature("most_frequent", "s", null),
            "histogram",
            feature("histogram", "s", null));
    ViewState state = plan.newState();
    for (int i = 0; i < 20_000; i++) {
      plan.update(state, Map.of("s", i % 5 == 0 ? "common" : "rare" + i), START);
    }
    Object[] row = new Object[2];
    plan.read(state, START, row, 0);
    assertThat(row[0]).isEqualTo("common");
    assertThat((Map<?, ?>) row[1]).hasSizeLessThanOrEqualTo(101);
    double total = ((Map<?, ?>) row[1]).values().stream().mapToDouble(v -> (double) v).sum();
    assertThat(total).isEqualTo(20_000);
  }

  @Test
  void by_floodOfCategories_isBounded() {
    FeatureDefinition by =
        new FeatureDefinition("sum", "v", null, "1d", "s", null, 5, null, null, null, null, null);
    ViewPlan plan = plan(null, "by", by);
    assertThat(plan.kindOf(0)).isEqualTo(FeatureKind.MAP);
    ViewState state = plan.newState();
    for (int i = 0; i < 100; i++) {
      plan.update(state, Map.of("v", 1.0, "s", "c" + i), START + i * 600_000L);
    }
    Object[] row = new Object[1];
    plan.read(state, START + 100 * 600_000L, row, 0);
    assertThat(((Map<?, ?>) row[0]).keySet().toString()).isEqualTo("[*, c0, c1, c2, c3, c4]");
    assertThat(((Map<?, ?>) row[0]).values().stream().mapToDouble(v -> (double) v).sum())
        .isEqualTo(100);
  }

  @Test
  void sum_valuesThatCancel_losesNothing() {
    ViewPlan plan = plan(null, "s", feature("sum", "v", "1h"));
    ViewState state = plan.newState();
    double[] values = {1e100, 1, -1e100, 0.1, 1e16, -1e16};
    for (int i = 0; i < values.length; i++) {
      plan.update(state, Map.of("v", values[i]), START + i * 120_000L);
    }
    assertThat(read(plan, state, START + 720_000)).containsExactly(1.1);
  }

  @Test
  void sum_beyondTheRangeOfDoubles_isMissing() {
    ViewPlan plan = plan(null, "s", feature("sum", "v", null), "m", feature("mean", "v", null));
    ViewState state = plan.newState();
    plan.update(state, Map.of("v", Double.MAX_VALUE), START);
    plan.update(state, Map.of("v", Double.MAX_VALUE), START);
    assertThat(read(plan, state, START)).containsExactly(Double.NaN, Double.NaN);
    assertThat(read(plan, plan.decode(plan.encode(state)), START))
        .containsExactly(Double.NaN, Double.NaN);
  }

  @Test
  void last_dynamicField_isTextThatReadsAsNumberWhereItIsOne() {
    ViewPlan plan = plan(null, "last", feature("last", "d", null));
    ViewState state = plan.newState();
    plan.update(state, Map.of("d", 2.5), START);
    assertThat(plan.kindOf(0)).isEqualTo(FeatureKind.STRING);
    assertThat(read(plan, state, START)).containsExactly(2.5);
    plan.update(state, Map.of("d", "blue"), START);
    Object[] row = new Object[1];
    plan.read(state, START, row, 0);
    assertThat(row).containsExactly("blue");
    assertThat(read(plan, state, START)).containsExactly(Double.NaN);
  }

  @Test
  void encode_typicalEntity_isCompact() {
    ViewPlan plan =
        plan(
            null,
            "c1",
            feature("count", null, "1d"),
            "s1",
            feature("sum", "v", "1d"),
            "s7",
            feature("sum", "v", "7d"),
            "m30",
            feature("mean", "v", "30d"),
            "x30",
            feature("max", "v", "30d"));
    ViewState state = plan.newState();
    for (int i = 0; i < 50; i++) {
      plan.update(state, Map.of("v", (i % 7) + 0.5), START + i * 12 * HOUR);
    }
    // 113 tiles and a handful of bytes for each.
    assertThat(plan.encode(state)).hasSizeLessThan(520);
  }

  @Test
  void decode_damagedBytes_isRefused() {
    ViewPlan plan = plan(null, "s", feature("sum", "v", "1h"), "q", quantile(0.5, "1h"));
    ViewState state = plan.newState();
    plan.update(state, Map.of("v", 1.5), START);
    byte[] bytes = plan.encode(state);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> plan.decode(cut)).isInstanceOf(IllegalArgumentException.class);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> plan.decode(longer)).hasMessageContaining("left over");
    bytes[0] = 9;
    assertThatThrownBy(() -> plan.decode(bytes)).hasMessageContaining("encoding 1 is unknown");
  }

  @Test
  void compile_manyMistakes_areAllReportedWithTheirPaths() {
    FeatureViewDefinition definition =
        view(
            "v >",
            "a",
            feature("summ", "v", "1h"),
            "b",
            feature("sum", "s", "1h"),
            "c",
            feature("sum", null, "7 days"),
            "d",
            quantile(1.5, "0s"),
            "e",
            feature("quantile", "v", null),
            "f",
            feature("rate", null, "20 events"),
            "g",
            feature("last", "nope", "session 0m"),
            "h",
            feature("decayed_sum", "v", null),
            "i-j",
            feature("count", null, "calendar day Mars/Base"),
            "k",
            new FeatureDefinition(
                "last_n", "v", "v", "10ms", "s", 0.5, 0, "1h", "roughly", "x", Double.NaN, null));
    assertThatThrownBy(() -> ViewPlan.compile("view", definition, SCHEMA))
        .isInstanceOfSatisfying(
            DefinitionException.class,
            e ->
                assertThat(e.problems().stream().map(DefinitionException.Problem::path))
                    .containsExactly(
                        "where",
                        "features.a.aggregate",
                        "features.b.of",
                        "features.c.window",
                        "features.d.window",
                        "features.e.q",
                        "features.f.window",
                        "features.g.of",
                        "features.g.window",
                        "features.h.halfLife",
                        "features.i-j",
                        "features.i-j.window",
                        "features.k.where",
                        "features.k.window",
                        "features.k.ttl",
                        "features.k.precision",
                        "features.k.defaultValue"))
        .hasMessageContaining(
            "unknown aggregate 'summ'; known: [approx_count_distinct, bottom_n, count,");
    assertThatThrownBy(
            () ->
                plan(
                    null,
                    "k",
                    new FeatureDefinition(
                        "last_n", "v", null, null, "s", 0.5, 0, "1h", null, null, null, null)))
        .isInstanceOfSatisfying(
            DefinitionException.class,
            e ->
                assertThat(e.problems().stream().map(DefinitionException.Problem::path))
                    .containsExactly(
                        "features.k.q", "features.k.n", "features.k.halfLife", "features.k.by"));
  }

  @Test
  void definitionHash_changesWithMeaningOnly() {
    String hash = plan("v > 0", "n", feature("sum", "v * 2.0", "1h")).definitionHash();
    assertThat(hash).matches("[0-9a-f]{64}");
    assertThat(plan(" v>0 ", "n", feature("sum", "(v*2.0)", "60m")).definitionHash())
        .isEqualTo(hash);
    FeatureViewDefinition described =
        new FeatureViewDefinition(
            "e",
            "k",
            "v > 0",
            view(null, "n", feature("sum", "v * 2.0", "1h")).features(),
            "what it is",
            "owner");
    assertThat(ViewPlan.compile("other", described, SCHEMA).definitionHash()).isEqualTo(hash);
    assertThat(
            List.of(
                plan("v >= 0", "n", feature("sum", "v * 2.0", "1h")).definitionHash(),
                plan("v > 0", "m", feature("sum", "v * 2.0", "1h")).definitionHash(),
                plan("v > 0", "n", feature("mean", "v * 2.0", "1h")).definitionHash(),
                plan("v > 0", "n", feature("sum", "v * 3.0", "1h")).definitionHash(),
                plan("v > 0", "n", feature("sum", "v * 2.0", "2h")).definitionHash()))
        .doesNotContain(hash)
        .doesNotHaveDuplicates();
  }

  @Test
  void lookback_isLongestWindowWithItsTail() {
    assertThat(
            plan(null, "a", feature("count", null, "1h"), "b", feature("count", null, "90s"))
                .lookbackMs())
        .isEqualTo(HOUR + 60_000);
    assertThat(plan(null, "a", feature("last", "v", null)).lookbackMs()).isEqualTo(Long.MAX_VALUE);
  }
}
