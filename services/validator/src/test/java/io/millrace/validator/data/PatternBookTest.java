// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.serde.Json;
import io.millrace.features.definition.EventSchema;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PatternBookTest {
  private final PatternBook book = new PatternBook();

  private void decide(String app, String column, String pattern) {
    ColumnRules rules = Json.mapper().convertValue(Map.of("pattern", pattern), ColumnRules.class);
    book.accept(
        new SchemaDecided(
            app,
            "view",
            0,
            List.of(new SchemaDecided.Edit(column, false, null, null, null, null, null, rules)),
            null,
            "ada",
            "x",
            1));
  }

  private List<String> patterns(String app, String column) {
    return book.of(app, "view").byColumn().getOrDefault(column, List.of()).stream()
        .map(TextPattern::source)
        .toList();
  }

  @Test
  void accept_decisions_areKeptByColumnTheLastOnes() {
    decide("shop", "a", "x+");
    decide("shop", "a", "x+");
    decide("shop", "b", "y+");
    decide("shop", "b", "");
    decide("shop", "b", "(");
    assertThat(patterns("shop", "a")).containsExactly("x+");
    assertThat(patterns("shop", "b")).containsExactly("y+");
    assertThat(patterns("taxi", "a")).isEmpty();
    for (String each : List.of("1", "2", "3", "4", "2")) {
      decide("shop", "a", each);
    }
    assertThat(patterns("shop", "a")).containsExactly("1", "3", "4", "2");
    book.forget("shop");
    assertThat(patterns("shop", "a")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "a|b, a, true",
    "a|b, ab, false",
    "[A-Z]{2}-\\d+, DE-17, true",
    "[A-Z]{2}-\\d+, DE-17x, false",
    "\"quoted\", \"quoted\", true",
    "\\\\, \\, true",
    "(?i)yes, YES, true"
  })
  void matches_wholeStringsOnly(String pattern, String text, boolean matches) {
    assertThat(new TextPattern(pattern).matches(text)).isEqualTo(matches);
  }

  @Test
  void matches_lineEnds_areNotPassedOver() {
    assertThat(new TextPattern("a").matches("a\n")).isFalse();
    assertThat(new TextPattern("a\nb").matches("a\nb")).isTrue();
  }

  /** What takes others a time that doubles with each letter. */
  @Test
  void matches_nestedRepetitions_takeLinearTime() {
    assertThat(new TextPattern("(a+)+b").matches("a".repeat(100_000))).isFalse();
    assertThatThrownBy(() -> new TextPattern("(a)\\1"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void statistics_patternsAndTimes_areRestoredAndMerged() {
    RowRules none = RowRules.of(null, new EventSchema(Map.of(), true));
    decide("shop", "a", "x[0-9]+");
    SpanStatistics all = new SpanStatistics();
    SpanStatistics merged = new SpanStatistics();
    for (int part = 0; part < 3; part++) {
      SpanStatistics one = new SpanStatistics();
      for (int i = 0; i < 40; i++) {
        Map<String, Object> row =
            Map.of("a", i % 10 == 0 ? "odd" : "x" + i, "at", i % 4 == 0 ? "now" : "2026-03-01");
        RowPlace place = new RowPlace(part, i);
        one.add(i, 0, row, none, book.of("shop", "view"), place);
        all.add(i, 0, row, none, book.of("shop", "view"), place);
      }
      merged.merge(SpanStatistics.fromBytes(one.toBytes()));
    }
    for (SpanStatistics each : List.of(all, merged, SpanStatistics.fromBytes(merged.toBytes()))) {
      PatternMarks pattern = each.marks().column("a").pattern("x[0-9]+");
      assertThat(pattern).isNotNull();
      assertThat(pattern.asked()).isEqualTo(120);
      assertThat(pattern.broken()).isEqualTo(12);
      assertThat(pattern.example()).isEqualTo("odd");
      assertThat(pattern.examples()).containsExactly("0/0", "0/10", "0/20");
      TimeMarks times = each.marks().column("at").times();
      assertThat(times.values()).isEqualTo(120);
      assertThat(times.fitting(ColumnRules.TimeFormat.DATE)).isEqualTo(90);
      assertThat(times.misfit(ColumnRules.TimeFormat.DATE)).isEqualTo("now");
      assertThat(times.misfits(ColumnRules.TimeFormat.DATE)).containsExactly("0/0", "0/4", "0/8");
      assertThat(each.marks().column("a").pattern("y")).isNull();
    }
  }
}
