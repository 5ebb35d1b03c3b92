// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.features.definition.EventSchema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The 305 trading days of real order lines: honest days pass, planted faults do not. */
final class RetailVerdictsTest {
  private static final EventFacts FACTS =
      new EventFacts(
          "order_line",
          SpanPlan.DEFAULT,
          0,
          Map.of(),
          Set.of("CustomerID"),
          Set.of("InvoiceDate"),
          RowRules.of(null, new EventSchema(Map.of(), true)));

  private static List<Spans.Row> rows() {
    Optional<Path> file = RetailRows.file();
    assumeTrue(file.isPresent(), "skipped: no folder shared/data beside the repository");
    return RetailRows.read(file.get());
  }

  @Test
  void judge_everyTradingDay_isGood() {
    List<Spans.Verdict> verdicts = new Spans(FACTS).judgeAll(rows());
    assertThat(verdicts).hasSize(305);
    assertThat(verdicts.stream().mapToLong(Spans.Verdict::rows).sum()).isEqualTo(406_829);
    assertThat(verdicts.stream().filter(Spans.Verdict::bad)).isEmpty();
    assertThat(verdicts.stream().flatMap(each -> each.kinds("WARNING").stream()))
        .noneMatch(each -> each.startsWith("SENTINEL") || each.startsWith("OUTLIERS"));
  }

  @Test
  void judge_plantedFaults_areBadOnTheirFirstDay() {
    List<Spans.Row> rows = rows();
    Map<String, UnaryOperator<List<Spans.Row>>> faults =
        Map.of(
            "UNIT_CHANGE:UnitPrice", Spans.scaled("UnitPrice", 100),
            "UNIT_CHANGE:Quantity", Spans.scaled("Quantity", 100),
            "SCHEMA_MISSING_COLUMN:UnitPrice", dropped("UnitPrice"),
            "SCHEMA_MISSING_COLUMN:Country", dropped("Country"),
            "INT_TYPE_NOT_INT_STRING:Quantity",
                Spans.each(
                    row -> {
                      row.compute("Quantity", (name, value) -> "q" + value);
                      return row;
                    }),
            "DATASET_LOW_NUM_EXAMPLES:null", day -> day.subList(0, Math.max(1, day.size() / 20)));
    List<String> missed = new ArrayList<>();
    for (int day = 10; day < 300; day += 97) {
      Spans.faulty(FACTS, rows, day, faults)
          .forEach(
              (name, verdict) -> {
                if (!verdict.kinds("ERROR").contains(name)) {
                  missed.add(name + " on " + verdict);
                }
              });
    }
    assertThat(missed).isEmpty();
  }

  private static UnaryOperator<List<Spans.Row>> dropped(String column) {
    return Spans.each(
        row -> {
          row.remove(column);
          return row;
        });
  }
}
