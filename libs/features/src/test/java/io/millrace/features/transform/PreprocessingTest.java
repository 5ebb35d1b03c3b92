// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PreprocessingTest {
  private static List<Object[]> column(Object... values) {
    List<Object[]> rows = new ArrayList<>();
    for (Object value : values) {
      rows.add(new Object[] {value});
    }
    return rows;
  }

  private static float[] apply(Preprocessing preprocessing, Object... row) {
    float[] out = new float[preprocessing.width()];
    Arrays.fill(out, 99f);
    preprocessing.apply(row, out);
    return out;
  }

  private static ColumnSpec number(String impute, Double constant, String scale, Double clip) {
    return new ColumnSpec("x", "number", impute, constant, true, scale, clip, null);
  }

  @Test
  void apply_standard_hasMeanZeroAndDeviationOne() {
    Preprocessing fitted =
        Preprocessing.fit(List.of(ColumnSpec.standardised("x")), column(2.0, 4L, 10.0));
    assertThat(fitted.outputNames()).containsExactly("x", "x?");
    assertThat(apply(fitted, 2.0)[0]).isCloseTo(-0.981f, within(0.001f));
    assertThat(apply(fitted, 4.0)[0]).isCloseTo(-0.392f, within(0.001f));
    assertThat(apply(fitted, 10.0)[0]).isCloseTo(1.373f, within(0.001f));
  }

  @Test
  void apply_range_isZeroToOne() {
    Preprocessing fitted =
        Preprocessing.fit(List.of(number("median", null, "range", null)), column(2.0, 4.0, 10.0));
    assertThat(apply(fitted, 4.0)).containsExactly(0.25f, 0f);
    assertThat(apply(fitted, 12.0)).containsExactly(1.25f, 0f);
  }

  @Test
  void apply_missing_isImputedAndMarked() {
    List<Object[]> rows = column(1.0, 2.0, null, 9.0, Double.NaN);
    Preprocessing median = Preprocessing.fit(List.of(number("median", null, "none", null)), rows);
    assertThat(apply(median, (Object) null)).containsExactly(2f, 1f);
    assertThat(apply(median, Double.POSITIVE_INFINITY)).containsExactly(2f, 1f);
    assertThat(apply(median, 2.0)).containsExactly(2f, 0f);
    Preprocessing mean = Preprocessing.fit(List.of(number("mean", null, "none", null)), rows);
    assertThat(apply(mean, "no number")).containsExactly(4f, 1f);
    Preprocessing constant =
        Preprocessing.fit(List.of(number("constant", -1.0, "none", null)), rows);
    assertThat(apply(constant, (Object) null)).containsExactly(-1f, 1f);
    Preprocessing none = Preprocessing.fit(List.of(ColumnSpec.raw("x")), rows);
    assertThat(apply(none, (Object) null)).containsExactly(Float.NaN);
  }

  @Test
  void apply_clip_boundsByTrainingQuantiles() {
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i <= 1_000; i++) {
      rows.add(new Object[] {(double) i});
    }
    Preprocessing fitted = Preprocessing.fit(List.of(number("median", null, "none", 0.01)), rows);
    assertThat(apply(fitted, -5.0)).containsExactly(10f, 0f);
    assertThat(apply(fitted, 5_000.0)).containsExactly(990f, 0f);
  }

  @Test
  void apply_listOrMap_isTheCategoryOfItsTextInADataset() {
    Preprocessing fitted =
        Preprocessing.fit(
            List.of(ColumnSpec.vocabulary("c", 2)),
            column("[\"a, b\",\"c\"]", "[\"a, b\",\"c\"]", "{\"a\":2.0}", "x"));

    assertThat(apply(fitted, List.of("a, b", "c")))
        .isEqualTo(apply(fitted, "[\"a, b\",\"c\"]"))
        .isNotEqualTo(apply(fitted, List.of("a", "b", "c")));
    assertThat(apply(fitted, Map.of("a", 2.0))).isEqualTo(apply(fitted, "{\"a\":2.0}"));
  }

  @Test
  void apply_vocabulary_keepsTheMostFrequentAndOneForTheRest() {
    Preprocessing fitted =
        Preprocessing.fit(
            List.of(ColumnSpec.vocabulary("c", 2)), column("b", "a", "b", "c", "a", null, 5L));
    assertThat(fitted.outputNames()).containsExactly("c=a", "c=b", "c=*");
    assertThat(apply(fitted, "a")).containsExactly(1f, 0f, 0f);
    assertThat(apply(fitted, "b")).containsExactly(0f, 1f, 0f);
    assertThat(apply(fitted, "c")).containsExactly(0f, 0f, 1f);
    assertThat(apply(fitted, "never seen")).containsExactly(0f, 0f, 1f);
    assertThat(apply(fitted, (Object) null)).containsExactly(0f, 0f, 1f);
  }

  @Test
  void apply_quantileBuckets_holdEqualShares() {
    List<Object[]> rows = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 0; i < 10_000; i++) {
      rows.add(new Object[] {Math.exp(random.nextGaussian())});
    }
    Preprocessing fitted = Preprocessing.fit(List.of(ColumnSpec.buckets("x", 4)), rows);
    assertThat(fitted.width()).isEqualTo(5);
    int[] counts = new int[5];
    for (Object[] row : rows) {
      float[] out = apply(fitted, row);
      for (int i = 0; i < 5; i++) {
        counts[i] += (int) out[i];
      }
    }
    assertThat(counts).containsExactly(2_500, 2_500, 2_500, 2_500, 0);
    assertThat(apply(fitted, (Object) null)).containsExactly(0f, 0f, 0f, 0f, 1f);
  }

  @Test
  void apply_bucketsOfFewValues_areFewer() {
    Preprocessing fitted =
        Preprocessing.fit(List.of(ColumnSpec.buckets("x", 10)), column(1.0, 1.0, 1.0, 2.0));
    assertThat(fitted.width()).isEqualTo(3);
    assertThat(apply(fitted, 1.0)).containsExactly(1f, 0f, 0f);
    assertThat(apply(fitted, 2.0)).containsExactly(0f, 1f, 0f);
  }

  @Test
  void apply_hash_isOneHotAndStable() {
    Preprocessing fitted = Preprocessing.fit(List.of(ColumnSpec.hash("c", 8)), List.of());
    assertThat(apply(fitted, "a")).containsExactly(apply(fitted, "a"));
    assertThat(apply(fitted, 5.0)).containsExactly(apply(fitted, 5L));
    int sum = 0;
    for (float value : apply(fitted, "anything")) {
      sum += (int) value;
    }
    assertThat(sum).isEqualTo(1);
    assertThat(RawValues.slot("85123A", 1 << 18)).isEqualTo(GOLDEN_SLOT);
  }

  private static final int GOLDEN_SLOT = 39_379;

  @Test
  void fit_orderOfRows_doesNotMatter() {
    List<ColumnSpec> columns =
        List.of(ColumnSpec.standardised("x"), ColumnSpec.vocabulary("c", 3), number2());
    List<Object[]> rows = new ArrayList<>();
    Random random = new Random(9);
    for (int i = 0; i < 500; i++) {
      rows.add(new Object[] {random.nextGaussian(), "c" + random.nextInt(6), random.nextInt(40)});
    }
    Preprocessing fitted = Preprocessing.fit(columns, rows);
    Collections.shuffle(rows, random);
    assertThat(Preprocessing.fit(columns, rows)).isEqualTo(fitted);
  }

  private static ColumnSpec number2() {
    return ColumnSpec.buckets("y", 7);
  }

  @Test
  void apply_rowAlone_equalsRowAmongMany() {
    Preprocessing fitted =
        Preprocessing.fit(
            List.of(ColumnSpec.standardised("x"), ColumnSpec.vocabulary("c", 3)),
            List.of(new Object[] {1.0, "a"}, new Object[] {3.0, "b"}));
    Preprocessing copy = new Preprocessing(fitted.columns(), fitted.crosses());
    assertThat(apply(copy, 2.5, "b")).containsExactly(apply(fitted, 2.5, "b"));
  }

  @Test
  void fit_columnWithoutValuesOrSpread_givesFiniteOutputs() {
    Preprocessing empty =
        Preprocessing.fit(List.of(ColumnSpec.standardised("x")), column(null, null));
    assertThat(apply(empty, (Object) null)).containsExactly(0f, 1f);
    Preprocessing constant =
        Preprocessing.fit(List.of(ColumnSpec.standardised("x")), column(7.0, 7.0));
    assertThat(apply(constant, 7.0)).containsExactly(0f, 0f);
    assertThat(apply(constant, 1e300)).containsExactly(Float.MAX_VALUE, 0f);
  }

  @Test
  void specAndData_impossible_areRefused() {
    assertThatThrownBy(() -> new ColumnSpec("x", "number", "mode", null, false, null, null, null))
        .hasMessageContaining("column 'x': impute is");
    assertThatThrownBy(() -> new ColumnSpec("x", "embedding", null, null, false, null, null, null))
        .hasMessageContaining("not embedding");
    assertThatThrownBy(() -> ColumnSpec.vocabulary("c", 0)).hasMessageContaining("size is 1");
    assertThatThrownBy(
            () ->
                new FittedColumn(
                    "number", "x", false, null, null, null, 0.0, 0.0, null, null, null))
        .hasMessageContaining("incomplete");
    Preprocessing fitted = Preprocessing.fit(List.of(ColumnSpec.raw("x")), column(1.0));
    assertThatThrownBy(() -> fitted.apply(new Object[2], new float[1]))
        .hasMessageContaining("a row of 2 values for 1 columns");
  }

  @Test
  void apply_index_isThePlaceInTheVocabulary() {
    Preprocessing fitted =
        Preprocessing.fit(List.of(ColumnSpec.index("x", 2)), column("b", "c", "a", "c", "b", null));
    assertThat(fitted.width()).isEqualTo(1);
    assertThat(fitted.outputNames()).containsExactly("x");
    assertThat(apply(fitted, "b")).containsExactly(0f);
    assertThat(apply(fitted, "c")).containsExactly(1f);
    assertThat(apply(fitted, "a")).containsExactly(2f);
    assertThat(apply(fitted, (Object) null)).containsExactly(2f);
  }

  @Test
  void apply_cross_isOfTheCombination() {
    List<ColumnSpec> columns = List.of(ColumnSpec.raw("x"), ColumnSpec.vocabulary("y", 3));
    List<Object[]> rows =
        List.of(
            new Object[] {1L, "a"},
            new Object[] {1.0, "a"},
            new Object[] {2L, "b"},
            new Object[] {null, "b"});
    Preprocessing fitted =
        Preprocessing.fit(
            columns,
            List.of(
                new Cross.Spec(List.of(0, 1), ColumnSpec.vocabulary("x*y", 5)),
                new Cross.Spec(List.of(1, 0), ColumnSpec.hash("y*x", 4))),
            rows);
    assertThat(fitted.outputNames())
        .startsWith("x", "y=a", "y=b", "y=*", "x*y=1&a", "x*y=2&b", "x*y=*")
        .endsWith("y*x#3", "y*x?")
        .hasSize(fitted.width());
    assertThat(Arrays.copyOfRange(apply(fitted, 1L, "a"), 4, 7)).containsExactly(1f, 0f, 0f);
    assertThat(Arrays.copyOfRange(apply(fitted, 1L, "b"), 4, 7)).containsExactly(0f, 0f, 1f);
    float[] missing = apply(fitted, null, "b");
    assertThat(Arrays.copyOfRange(missing, 4, 7)).containsExactly(0f, 0f, 1f);
    assertThat(Arrays.copyOfRange(missing, 7, 12)).containsExactly(0f, 0f, 0f, 0f, 1f);
  }

  @Test
  void cross_categoriesThatContainTheMark_staysUnambiguous() {
    assertThat(RawValues.cross(new Object[] {"a&", "b"}, List.of(0, 1)))
        .isNotEqualTo(RawValues.cross(new Object[] {"a", "&b"}, List.of(0, 1)));
    List<Integer> one = List.of(0);
    assertThatThrownBy(() -> new Cross.Spec(one, ColumnSpec.hash("x", 4)))
        .hasMessageContaining("at least two inputs");
    List<Integer> two = List.of(0, 1);
    assertThatThrownBy(() -> new Cross.Spec(two, ColumnSpec.raw("x")))
        .hasMessageContaining("vocabulary, index or hash");
    List<Cross> beyond =
        List.of(
            Preprocessing.fit(
                    List.of(ColumnSpec.raw("x"), ColumnSpec.raw("y")),
                    List.of(new Cross.Spec(two, ColumnSpec.hash("h", 4))),
                    List.<Object[]>of())
                .crosses()
                .getFirst());
    assertThatThrownBy(() -> new Preprocessing(List.of(), beyond))
        .hasMessageContaining("an input that there is not");
    assertThat(new Preprocessing(List.of(), null).crosses()).isEmpty();
  }
}
