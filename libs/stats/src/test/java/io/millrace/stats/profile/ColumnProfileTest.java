// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.testkit.sketch.RepeatableSketches;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jol.info.GraphLayout;

@ExtendWith(RepeatableSketches.class)
class ColumnProfileTest {
  private static final int LIMIT_BYTES = 64 * 1024;

  @Test
  void summary_handMadeColumn_everyFigure() {
    ColumnProfile column = new ColumnProfile();
    for (Object value : new Object[] {1, 2.5, -3L, 0.0, 2.5, true, "ab", "", "ab", 'c'}) {
      column.update(value);
    }
    column.updateMissing();
    column.update(Double.NaN);
    column.update(Double.NEGATIVE_INFINITY);
    ProfileSummary s = column.summary();
    assertThat(s.kind()).isEqualTo(ColumnKind.MIXED);
    assertThat(s.rows()).isEqualTo(13);
    assertThat(s.missing()).isEqualTo(1);
    assertThat(s.values()).isEqualTo(12);
    assertThat(s.numbers()).isEqualTo(5);
    assertThat(s.nan()).isEqualTo(1);
    assertThat(s.negativeInfinity()).isEqualTo(1);
    assertThat(s.positiveInfinity()).isZero();
    assertThat(s.strings()).isEqualTo(4);
    assertThat(s.booleans()).isEqualTo(1);
    assertThat(s.trues()).isEqualTo(1);
    assertThat(s.integral()).isEqualTo(3);
    assertThat(s.zeros()).isEqualTo(1);
    assertThat(s.negatives()).isEqualTo(1);
    assertThat(s.min()).isEqualTo(-3);
    assertThat(s.max()).isEqualTo(2.5);
    assertThat(s.mean()).isEqualTo(0.6);
    assertThat(s.distinct()).isBetween(7.99, 8.01);
    assertThat(s.emptyStrings()).isEqualTo(1);
    assertThat(s.minLength()).isZero();
    assertThat(s.maxLength()).isEqualTo(2);
    assertThat(s.heavyHitters().subList(0, 2))
        .containsExactly(new HeavyHitter("2.5", 2, 2, 2), new HeavyHitter("ab", 2, 2, 2));
  }

  @Test
  void summary_emptyColumn_nullsAndNoNaN() {
    ProfileSummary s = new ColumnProfile().summary();
    assertThat(s.kind()).isEqualTo(ColumnKind.EMPTY);
    assertThat(s.mean()).isNull();
    assertThat(s.quantiles()).isEmpty();
    assertThat(s.distinct()).isZero();
  }

  @Test
  void update_oneMegabyteStrings_stateStaysSmallAndValuesApart() {
    ColumnProfile column = new ColumnProfile();
    String same = "x".repeat(1 << 20);
    for (int i = 0; i < 300; i++) {
      column.update(same + i % 3);
    }
    assertThat(column.toBytes().length).isLessThan(LIMIT_BYTES);
    assertThat(column.distinct()).isBetween(2.9, 3.1);
    assertThat(column.heavyHitters(5)).hasSize(3).allMatch(hitter -> hitter.count() == 100);
    assertThat(column.heavyHitters(5))
        .anyMatch(hitter -> hitter.value().equals(ColumnProfile.nameOf(same + 1)));
    assertThat(column.summary().maxLength()).isEqualTo((1 << 20) + 1);
  }

  @Test
  void update_floodOfNaNAndInfinities_countedApart() {
    ColumnProfile column = new ColumnProfile();
    for (int i = 0; i < 30_000; i++) {
      column.update(
          i % 3 == 0 ? Double.NaN : i % 3 == 1 ? Double.POSITIVE_INFINITY : Double.MAX_VALUE);
    }
    ProfileSummary s = column.summary();
    assertThat(s.nan()).isEqualTo(10_000);
    assertThat(s.positiveInfinity()).isEqualTo(10_000);
    assertThat(s.max()).isEqualTo(Double.MAX_VALUE);
    assertThat(s.kind()).isEqualTo(ColumnKind.NUMERIC);
  }

  /**
   * What a profile holds on the heap, counted object by object, in the worst cases: while filled,
   * after every reading, as a copy, merged and restored.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {"numbers", "latin", "wide", "longest slots", "names", "heavy hitters", "both"})
  void memory_worstColumns_withinTheBoundOnTheHeap(String kind) {
    SplittableRandom random = new SplittableRandom(1);
    ColumnProfile column = new ColumnProfile();
    ColumnProfile other = new ColumnProfile();
    for (int i = 0; i < 60_000; i++) {
      fill(column, kind, random);
      fill(other, kind, random);
    }
    long largest = heap(column);
    byte[] bytes = column.toBytes();
    assertThat(bytes.length).isLessThan(LIMIT_BYTES);
    column.summary();
    largest = Math.max(largest, heap(column));
    largest = Math.max(largest, heap(column.copy()));
    largest = Math.max(largest, heap(ColumnProfile.fromBytes(bytes)));
    column.merge(other);
    largest = Math.max(largest, heap(column));
    System.out.printf("memory of %s: %d bytes%n", kind, largest);
    assertThat(largest).isBetween(16 * 1024L, (long) LIMIT_BYTES);
  }

  /** The scale of the bound: what is held beside a profile is seen. */
  @Test
  void memory_profileAndATable_countsBoth() {
    ColumnProfile column = new ColumnProfile();
    column.update(1.0);
    assertThat(heap(new Object[] {column, new long[10_000]})).isBetween(80_000L, 100_000L);
  }

  private static long heap(Object root) {
    return GraphLayout.parseInstance(root).totalSize();
  }

  private static void fill(ColumnProfile column, String kind, SplittableRandom random) {
    int seldom = random.nextInt(10_000_000);
    int often = (int) Math.exp(3 * random.nextGaussian());
    switch (kind) {
      case "numbers" -> column.update(random.nextDouble());
      case "latin" -> column.update("a".repeat(100) + seldom);
      case "wide" -> column.update("中".repeat(100) + seldom);
      case "longest slots" -> column.update("中".repeat(32) + seldom);
      case "names" -> column.update("中".repeat(56) + seldom % 1_000);
      case "heavy hitters" -> column.update("中".repeat(56) + often);
      default -> {
        column.update(random.nextDouble());
        column.update("中".repeat(32) + seldom);
        column.update("中".repeat(random.nextInt(100)) + often);
        column.update(Double.NaN);
        column.update(seldom % 2 == 0);
        column.update((Object) List.of(1.5, "x" + often, true));
      }
    }
  }

  @Test
  void heavyHitters_skewedColumn_boundsHoldTheTruth() {
    SplittableRandom random = new SplittableRandom(5);
    ColumnProfile column = new ColumnProfile();
    Map<String, Long> truth = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      String value = "v" + (int) (1 / random.nextDouble(1e-5, 1));
      truth.merge(value, 1L, Long::sum);
      column.update(value);
    }
    assertThat(column.heavyHitterError()).isPositive();
    assertThat(column.heavyHitters(20))
        .hasSize(20)
        .allSatisfy(
            hitter ->
                assertThat(truth.get(hitter.value())).isBetween(hitter.lower(), hitter.upper()));
    assertThat(column.heavyHitters(1).getFirst().value()).isEqualTo("v1");
  }

  /** Flat counts are the hard case: a few hundred occurrences above thousands of rivals. */
  @Test
  void heavyHitters_flatColumn_trueLeadersListed() {
    SplittableRandom random = new SplittableRandom(5);
    ColumnProfile column = new ColumnProfile();
    for (int i = 0; i < 300_000; i++) {
      int leader = random.nextInt(40);
      column.update(
          leader < 20 && random.nextInt(4) == 0 ? "top" + leader : "v" + random.nextInt(4000));
    }
    assertThat(column.heavyHitters(20))
        .extracting(HeavyHitter::value)
        .allMatch(value -> value.startsWith("top"));
  }

  @Test
  void heavyHitters_moreStringsThanNames_errorCoversTheUnlisted() {
    ColumnProfile column = new ColumnProfile();
    for (int i = 0; i < 400; i++) {
      for (int times = 0; times <= i / 4; times++) {
        column.update("v" + i);
      }
    }
    List<HeavyHitter> listed = column.heavyHitters(1000);
    assertThat(listed).hasSizeBetween(96, 128);
    for (int i = 0; i < 400; i++) {
      String name = "v" + i;
      if (listed.stream().noneMatch(hitter -> hitter.value().equals(name))) {
        assertThat((long) i / 4 + 1).isLessThanOrEqualTo(column.heavyHitterError());
      }
    }
  }

  /** A value without a name in either part may be the most frequent of both together. */
  @Test
  void heavyHitters_mergedParts_errorCoversWhatNeitherNamed() {
    ColumnProfile left = new ColumnProfile();
    ColumnProfile right = new ColumnProfile();
    for (int i = 0; i < 200; i++) {
      for (int times = 0; times < 60; times++) {
        left.update("left" + i);
        right.update("right" + i);
      }
      for (int times = 0; times < 50; times++) {
        left.update("shared" + i);
        right.update("shared" + i);
      }
    }
    ColumnProfile both = left.copy();
    both.merge(right);
    List<String> listed = both.heavyHitters(1000).stream().map(hitter -> hitter.value()).toList();
    long unnamed = 0;
    for (int i = 0; i < 200; i++) {
      unnamed += listed.contains("shared" + i) ? 0 : 1;
    }
    assertThat(unnamed).as("the case that matters").isPositive();
    assertThat(both.heavyHitterError()).isGreaterThanOrEqualTo(100);
    assertThat(ColumnProfile.fromBytes(both.toBytes()).heavyHitterError())
        .isEqualTo(both.heavyHitterError());
  }

  @Test
  void distinct_manyValues_withinThreeStandardErrors() {
    ColumnProfile column = new ColumnProfile();
    for (int i = 0; i < 100_000; i++) {
      column.update(i % 50_000 + 0.5);
    }
    assertThat(column.distinct()).isBetween(50_000 * 0.95, 50_000 * 1.05);
  }

  @Test
  void fromBytes_damagedBytes_refusedWithReason() {
    byte[] good = profileOf(1, 2, 3).toBytes();
    assertThatThrownBy(() -> ColumnProfile.fromBytes(new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ColumnProfile.fromBytes(new byte[] {9}))
        .hasMessageContaining("format 9");
    for (int cut = 1; cut < good.length; cut += 7) {
      byte[] part = Arrays.copyOf(good, cut);
      assertThatThrownBy(() -> ColumnProfile.fromBytes(part))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void merge_withItself_refused() {
    ColumnProfile column = profileOf(1);
    assertThatThrownBy(() -> column.merge(column)).isInstanceOf(IllegalArgumentException.class);
  }

  private static ColumnProfile profileOf(double... values) {
    ColumnProfile column = new ColumnProfile();
    for (double value : values) {
      column.update(value);
    }
    return column;
  }
}
