// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.stats.detector.DetectorState;
import io.millrace.stats.detector.HellingerDrift;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.profile.ProfileSummary;
import io.millrace.stats.test.DatasetDrift;
import io.millrace.stats.test.DriftPolicy;
import io.millrace.stats.test.DriftTest;
import io.millrace.stats.test.DriftTests;
import io.millrace.stats.test.DriftVerdict;
import io.millrace.stats.test.UnitChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a column holds, everything that can be asked of it has an answer. The list grows. */
class BadInputTest {
  private static final int LIMIT_BYTES = 64 * 1024;
  private static final int ROWS = 2_000;

  private static final Map<String, IntFunction<@Nullable Object>> KINDS = kinds();

  private static Map<String, IntFunction<@Nullable Object>> kinds() {
    String megabyte = "x".repeat(1 << 20);
    SplittableRandom random = new SplittableRandom(1);
    Map<String, IntFunction<@Nullable Object>> kinds = new LinkedHashMap<>();
    kinds.put("all missing", i -> null);
    kinds.put("NaN flood", i -> Double.NaN);
    kinds.put("infinity flood", i -> i % 2 == 0 ? Double.POSITIVE_INFINITY : -1 / 0.0);
    kinds.put("NaN and numbers", i -> i % 2 == 0 ? (Object) Double.NaN : (Object) i);
    kinds.put("largest doubles", i -> i % 2 == 0 ? Double.MAX_VALUE : -Double.MAX_VALUE);
    kinds.put("smallest doubles", i -> i % 3 * Double.MIN_VALUE);
    kinds.put("both zeros", i -> i % 2 == 0 ? 0.0 : -0.0);
    kinds.put("constant", i -> 42);
    kinds.put("longs beyond doubles", i -> Long.MAX_VALUE - i);
    kinds.put("powers", i -> Math.pow(10, i % 600 - 300.0));
    kinds.put("normal", i -> random.nextGaussian());
    kinds.put("mixed types", i -> mixed(i));
    kinds.put("numbers as text", i -> Integer.toString(i));
    kinds.put("empty strings", i -> "");
    kinds.put("distinct strings", i -> "s" + i);
    kinds.put("megabyte strings", i -> i < 20 ? megabyte + i : null);
    kinds.put("lone surrogates", i -> "\uD800" + (char) ('a' + i % 3));
    kinds.put("lists", i -> Arrays.asList(1.5, null, "a", Double.NaN));
    kinds.put("empty lists", i -> List.of());
    kinds.put("long list", i -> i == 0 ? Collections.nCopies(100_000, 1.0) : null);
    kinds.put("nested maps", i -> Map.of("a", Map.of("b", i)));
    return kinds;
  }

  private static @Nullable Object mixed(int i) {
    return switch (i % 6) {
      case 0 -> i;
      case 1 -> "text" + i % 5;
      case 2 -> i % 4 == 0;
      case 3 -> null;
      case 4 -> Double.NaN;
      default -> new byte[2];
    };
  }

  private static ColumnProfile column(String kind, int rows) {
    IntFunction<@Nullable Object> value = KINDS.getOrDefault(kind, i -> null);
    ColumnProfile column = new ColumnProfile();
    for (int i = 0; i < rows; i++) {
      column.update(value.apply(i));
    }
    return column;
  }

  static List<String> kindNames() {
    return List.copyOf(KINDS.keySet());
  }

  @ParameterizedTest
  @MethodSource("kindNames")
  void column_anyKindAndSize_boundedAndReadable(String kind) {
    for (int rows : new int[] {0, 1, 2, ROWS}) {
      ColumnProfile column = column(kind, rows);
      byte[] bytes = column.toBytes();
      assertThat(bytes.length).isLessThan(LIMIT_BYTES);
      ProfileSummary summary = column.summary();
      assertThat(summary.rows()).isEqualTo(rows);
      assertFinite(summary);
      assertThat(ColumnProfile.fromBytes(bytes).summary()).isEqualTo(summary);
      ColumnProfile twice = column.copy();
      twice.merge(column);
      assertThat(twice.rows()).isEqualTo(2L * rows);
    }
  }

  private static void assertFinite(ProfileSummary s) {
    List<@Nullable Double> figures =
        new ArrayList<>(
            Arrays.asList(
                s.min(), s.max(), s.mean(), s.variance(), s.standardDeviation(), s.skewness()));
    figures.add(s.kurtosis());
    figures.add(s.meanLength());
    figures.addAll(s.quantiles().values());
    figures.addAll(List.of(s.distinct(), s.distinctLower(), s.distinctUpper()));
    assertThat(figures).allMatch(figure -> figure == null || Double.isFinite(figure));
  }

  /** Every kind against every other, in one row and in many, under every test. */
  @ParameterizedTest
  @MethodSource("kindNames")
  void driftTests_anyPairOfKinds_definedVerdict(String kind) {
    for (int rows : new int[] {0, 1, ROWS}) {
      ColumnProfile reference = column(kind, rows);
      for (String other : kindNames()) {
        for (int size : new int[] {0, 1, ROWS}) {
          ColumnProfile current = column(other, size);
          for (DriftTest test : DriftTests.catalogue()) {
            if (test.appliesTo(reference, current)) {
              assertDefined(
                  test.compare(reference, current, 0.01),
                  test.name() + " of " + kind + " and " + other);
            }
          }
          UnitChange.detect(reference, current)
              .ifPresent(change -> assertThat(change.residual()).isBetween(0.0, 1.0));
        }
      }
    }
  }

  private static void assertDefined(DriftVerdict verdict, String what) {
    switch (verdict) {
      case DriftVerdict.Drifted d -> {
        assertThat(d.pValue()).as(what).isBetween(0.0, 0.01);
        assertThat(d.effect()).as(what).isGreaterThanOrEqualTo(d.minimumEffect());
      }
      case DriftVerdict.Stable s -> {
        assertThat(s.pValue()).as(what).isBetween(0.0, 1.0);
        assertThat(s.effect()).as(what).isNotNaN();
      }
      case DriftVerdict.Inconclusive i -> assertThat(i.reason()).as(what).isNotBlank();
    }
  }

  @Test
  void dataset_tenThousandColumns_limitHoldsAndTheRestIsCounted() {
    DatasetProfile data = new DatasetProfile(1_000);
    Map<String, Object> row = new HashMap<>();
    for (int c = 0; c < 10_000; c++) {
      row.put("c" + c, c % 2 == 0 ? (Object) c : "text" + c);
    }
    for (int i = 0; i < 50; i++) {
      data.update(row);
    }
    assertThat(data.columns()).hasSize(1_000);
    assertThat(data.droppedValues()).isEqualTo(50L * 9_000);
    DatasetProfile restored = DatasetProfile.fromBytes(data.toBytes());
    assertThat(DatasetDrift.compare(data, restored, 0.05, DriftPolicy.DEFAULT).drifted()).isEmpty();
  }

  /** A name is input, too: of any length and of any characters. */
  @Test
  void dataset_columnNamesOfAMegabyte_keptShortAndApart() {
    DatasetProfile data = new DatasetProfile();
    String name = "é".repeat(1 << 20);
    for (int i = 0; i < 3; i++) {
      data.update(Map.of(name + "1", i, name + "2", "text", "\uD800", 1, "", 2));
    }
    assertThat(data.columns()).hasSize(4);
    byte[] bytes = data.toBytes();
    assertThat(bytes.length).isLessThan(LIMIT_BYTES);
    DatasetProfile restored = DatasetProfile.fromBytes(bytes);
    assertThat(restored.columns().keySet()).isEqualTo(data.columns().keySet());
    restored.update(Map.of(name + "1", 7));
    assertThat(restored.columns()).hasSize(4);
    assertThat(restored.column(name + "1").values()).isEqualTo(4);
  }

  @Test
  void datasetDrift_emptyAndOneRowSpans_nothingIsClaimed() {
    DatasetProfile empty = new DatasetProfile();
    DatasetProfile one = new DatasetProfile();
    one.update(Map.of("a", 1));
    DatasetProfile many = new DatasetProfile();
    for (int i = 0; i < 500; i++) {
      many.update(Map.of("a", i));
    }
    for (DatasetProfile reference : List.of(empty, one, many)) {
      for (DatasetProfile current : List.of(empty, one)) {
        assertThat(
                DatasetDrift.compare(reference, current, 0.05, DriftPolicy.DEFAULT).driftedShare())
            .isZero();
      }
    }
  }

  @Test
  void hellingerDrift_everyKindInTurn_definedDistances() {
    HellingerDrift detector = new HellingerDrift();
    for (String kind : kindNames()) {
      DatasetProfile batch = new DatasetProfile();
      IntFunction<@Nullable Object> value = KINDS.getOrDefault(kind, i -> null);
      for (int i = 0; i < 200; i++) {
        Map<String, @Nullable Object> row = new HashMap<>();
        row.put("a", value.apply(i));
        batch.update(row);
      }
      DetectorState state = detector.update(batch);
      assertThat(state == DetectorState.DRIFT || !(detector.distance() > 1)).isTrue();
      detector.farthest().forEach(entry -> assertThat(entry.getValue()).isBetween(0.0, 1.0));
    }
  }
}
