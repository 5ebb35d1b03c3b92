// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReferenceProfileTest {
  @Test
  void numeric_hundredValues_givesDecilesAndQuantiles() {
    double[] values = IntStream.rangeClosed(1, 100).asDoubleStream().toArray();
    ReferenceProfile.Column column =
        ReferenceProfile.numeric(
            DoubleStream.concat(Arrays.stream(values), DoubleStream.of(Double.NaN)).toArray());
    assertThat(column.rows()).isEqualTo(101);
    assertThat(column.missing()).isEqualTo(1);
    ReferenceProfile.Numbers numbers = column.numbers();
    assertThat(numbers).isNotNull();
    assertThat(numbers.mean()).isEqualTo(50.5);
    assertThat(numbers.standardDeviation())
        .isCloseTo(29.011, org.assertj.core.data.Offset.offset(0.001));
    assertThat(numbers.edges())
        .containsExactly(10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0);
    assertThat(numbers.counts()).containsOnly(10L).hasSize(10);
    assertThat(numbers.quantiles()).hasSize(101).startsWith(1.0, 1.0, 2.0).endsWith(100.0);
  }

  @Test
  void numeric_tiesAndConstants_giveFewerBinsThatHoldEverything() {
    ReferenceProfile.Numbers constant =
        ReferenceProfile.numeric(new double[] {3, 3, 3, 3}).numbers();
    assertThat(constant).isNotNull();
    assertThat(constant.edges()).isEmpty();
    assertThat(constant.counts()).containsExactly(4L);
    ReferenceProfile.Numbers skewed =
        ReferenceProfile.numeric(new double[] {0, 0, 0, 0, 0, 0, 0, 0, 1, 2}).numbers();
    assertThat(skewed).isNotNull();
    assertThat(skewed.edges()).containsExactly(0.0, 1.0);
    assertThat(skewed.counts()).containsExactly(8L, 1L, 1L);
    assertThat(ReferenceProfile.numeric(new double[] {Double.NaN}).missingShare()).isEqualTo(1);
  }

  @Test
  void parts_areTenthsOfTheRowsInTheirOrder() {
    double[] rising = IntStream.range(0, 200).asDoubleStream().toArray();
    rising[199] = Double.NaN;
    ReferenceProfile.Column numeric = ReferenceProfile.numeric(rising);
    assertThat(numeric.parts()).hasSize(10).allSatisfy(part -> assertThat(part).hasSize(11));
    assertThat(numeric.parts().getFirst().getFirst()).isEqualTo(20L);
    assertThat(numeric.parts().getLast().subList(9, 11)).containsExactly(19L, 1L);
    @Nullable String[] texts = new @Nullable String[40];
    java.util.Arrays.fill(texts, 0, 36, "wool");
    java.util.Arrays.fill(texts, 36, 39, "silk");
    assertThat(ReferenceProfile.categorical(texts).parts().getLast())
        .containsExactly(0L, 3L, 0L, 1L);
    assertThat(ReferenceProfile.numeric(new double[] {Double.NaN, Double.NaN}).parts())
        .contains(java.util.List.of(0L, 1L));
  }

  @Test
  void categorical_manyCategories_keepsTheFrequentOnesAndCountsTheRest() {
    @Nullable String[] values = new @Nullable String[301];
    for (int i = 0; i < 300; i++) {
      values[i] = i < 100 ? "often" : "c" + i;
    }
    ReferenceProfile.Column column = ReferenceProfile.categorical(values);
    assertThat(column.missing()).isEqualTo(1);
    ReferenceProfile.Categories categories = column.categories();
    assertThat(categories).isNotNull();
    assertThat(categories.counts()).hasSize(100).containsEntry("often", 100L);
    assertThat(categories.counts().keySet().iterator().next()).isEqualTo("often");
    assertThat(categories.others()).isEqualTo(101);
  }

  @Test
  void sampled_manyRows_areEvenlySpreadInOrderAndHoldBinsOnly() {
    double[] rising = IntStream.range(0, 10_000).asDoubleStream().toArray();
    rising[5_000] = Double.NaN;
    java.util.List<Integer> bins =
        ReferenceProfile.sampled(ReferenceProfile.numeric(rising), rising);
    assertThat(bins).hasSize(ReferenceProfile.SAMPLE_ROWS).startsWith(0).endsWith(9);
    assertThat(bins.get(1_000)).as("missing is the last").isEqualTo(10);
    @Nullable String[] texts = {"a", null, "b", "a", "z"};
    ReferenceProfile.Column column =
        ReferenceProfile.categorical(new @Nullable String[] {"a", "a", "b"});
    assertThat(ReferenceProfile.sampled(column, texts)).containsExactly(0, 3, 1, 0, 2);
  }
}
