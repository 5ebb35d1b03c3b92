// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.common.definition.ValidationDefinition;
import io.millrace.features.definition.EventSchema;
import io.millrace.stats.profile.ColumnProfile;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SpanStatisticsTest {
  private static final RowRules RULES =
      RowRules.of(
          new ValidationDefinition(null, Map.of("positive", "price > 0.0"), null),
          new EventSchema(Map.of(), true));

  private static SpanStatistics of(List<Spans.Row> rows) {
    SpanStatistics statistics = new SpanStatistics();
    rows.forEach(row -> statistics.add(row.timeMs(), 0, row.data(), RULES, null));
    return statistics;
  }

  @Test
  void merge_hourlyParts_equalsTheDayInOnePass() {
    List<Spans.Row> rows = ShopRows.generate(1, 24, 100);
    SpanStatistics whole = of(rows);
    SpanStatistics merged = new SpanStatistics();
    for (int part = 0; part < 24; part++) {
      int from = rows.size() * part / 24;
      int to = rows.size() * (part + 1) / 24;
      merged.merge(SpanStatistics.fromBytes(of(rows.subList(from, to)).toBytes()));
    }
    assertThat(merged.rows()).isEqualTo(rows.size());
    assertThat(merged.minMs()).isEqualTo(whole.minMs());
    assertThat(merged.maxMs()).isEqualTo(whole.maxMs());
    assertThat(merged.ruleCounts()).isEqualTo(whole.ruleCounts());
    whole
        .profile()
        .columns()
        .forEach(
            (name, column) -> {
              ColumnProfile other = merged.profile().columns().get(name);
              assertThat(other.composition()).as(name).isEqualTo(column.composition());
              if (column.numbers() > 0) {
                assertThat(other.moments().mean())
                    .isCloseTo(column.moments().mean(), within(1e-9 * column.max()));
                double rank = column.cdf().cdf(other.quantile(0.5));
                assertThat(rank).isCloseTo(0.5, within(0.06));
              }
            });
  }

  @Test
  void add_ruleOnMissingField_isNotAsked() {
    SpanStatistics statistics =
        of(
            List.of(
                new Spans.Row(1, Map.of("price", 2.0)),
                new Spans.Row(2, Map.of("price", -1.0)),
                new Spans.Row(3, Map.of("other", 1L))));
    assertThat(statistics.ruleCounts())
        .containsExactly(Map.entry("positive", new SpanStatistics.RuleCount(2, 1)));
  }

  @Test
  void fromBytes_cutOff_isRefused() {
    byte[] bytes = of(List.of(new Spans.Row(1, Map.of("price", 2.0)))).toBytes();
    assertThatThrownBy(() -> SpanStatistics.fromBytes(Arrays.copyOf(bytes, bytes.length / 2)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SpanStatistics.fromBytes(new byte[] {99}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void marks_mergedAndRead_keepPlacesLengthsAndExtremes() {
    SpanStatistics first = new SpanStatistics();
    SpanStatistics second = new SpanStatistics();
    first.add(0, 0, Map.of("x", 1L, "s", "a", "l", List.of(1L)), RULES, new RowPlace(0, 5));
    first.add(0, 0, Map.of("x", 9L), RULES, new RowPlace(0, 6));
    second.add(
        0, 23, Map.of("x", -3.5, "s", "b\uFFFD", "l", List.of(1L, 2L)), RULES, new RowPlace(1, 7));
    second.add(0, 23, Map.of("x", "no", "price", -1.0), RULES, new RowPlace(1, 8));
    first.merge(SpanStatistics.fromBytes(second.toBytes()));
    RowMarks marks = SpanStatistics.fromBytes(first.toBytes()).marks();
    assertThat(marks.column("x").smallest()).containsExactly("1/7");
    assertThat(marks.column("x").largest()).containsExactly("0/6");
    assertThat(marks.column("x").examples(TraitPlaces.Trait.STRING)).containsExactly("1/8");
    assertThat(marks.column("s").examples(TraitPlaces.Trait.MISSING)).containsExactly("0/6", "1/8");
    assertThat(marks.column("s").examples(List.of("a", "c"))).containsExactly("0/5");
    assertThat(marks.column("s").badText()).isEqualTo(1);
    assertThat(marks.column("l").lengths()).isEqualTo(Map.of(1, 1L, 2, 1L));
    assertThat(marks.column("l").longest()).containsExactly("1/7");
    assertThat(marks.broken("positive")).containsExactly("1/8");
    assertThat(marks.slices()[0]).isEqualTo(2);
    assertThat(marks.slices()[23]).isEqualTo(2);
  }

  @Test
  void marks_manyStringsAndLengths_stayBounded() {
    SpanStatistics statistics = new SpanStatistics();
    for (int i = 0; i < 5_000; i++) {
      Map<String, Object> row =
          Map.of("s", "v" + i, "l", java.util.Collections.nCopies(1 + i % 200, 1L));
      statistics.add(0, 0, row, RULES, new RowPlace(0, i));
    }
    ColumnMarks strings = statistics.marks().column("s");
    assertThat(strings.examples(List.of("v0"))).isEmpty();
    assertThat(statistics.marks().column("l").lengths()).isNull();
    assertThat(statistics.toBytes()).hasSizeLessThan(3 * 65_536);
  }
}
