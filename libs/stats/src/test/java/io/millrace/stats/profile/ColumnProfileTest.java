// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnProfileTest {
  private static final int LIMIT_BYTES = 64 * 1024;

  /** Before any column exists; what a later measurement still holds of others counts against it. */
  private static final long EMPTY_HEAP = usedBytes();

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

  /** Worst cases: all values distinct, strings long. */
  @ParameterizedTest
  @CsvSource({"numbers, 64", "strings, 64", "both, 96"})
  void memory_worstColumns_withinTheBoundOnTheHeap(String kind, int limitKiB) {
    SplittableRandom random = new SplittableRandom(1);
    List<ColumnProfile> columns = new ArrayList<>();
    for (int c = 0; c < 150; c++) {
      ColumnProfile column = new ColumnProfile();
      for (int i = 0; i < 8_000; i++) {
        if (!kind.equals("strings")) {
          column.update(random.nextDouble());
        }
        if (!kind.equals("numbers")) {
          column.update("text that goes on " + random.nextInt(1_000_000));
          column.update(
              "a rather long text that goes on and on, for ever and ever and ever "
                  + random.nextLong());
        }
      }
      assertThat(column.toBytes().length).isLessThan(LIMIT_BYTES);
      columns.add(column);
    }
    long each = (usedBytes() - EMPTY_HEAP) / columns.size();
    System.out.printf("memory of %s: %d bytes a column%n", kind, each);
    assertThat(each).isBetween(8 * 1024L, limitKiB * 1024L);
  }

  private static long usedBytes() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
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
