// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

final class SpanPlanTest {
  @Test
  void of_nothingDeclared_isADay() {
    assertThat(SpanPlan.of(null)).isEqualTo(new SpanPlan.EventTime(86_400_000));
  }

  @Test
  void parse_rows_countsRows() {
    assertThat(SpanPlan.parse(" 5000 rows ")).isEqualTo(new SpanPlan.Rows(5000));
    assertThat(SpanPlan.parse("1 row")).isEqualTo(new SpanPlan.Rows(1));
  }

  @Test
  void parse_nonsense_namesTheText() {
    assertThatThrownBy(() -> SpanPlan.parse("often")).hasMessageContaining("often");
    assertThatThrownBy(() -> SpanPlan.parse("0 rows")).hasMessageContaining("at least one");
    assertThatThrownBy(() -> SpanPlan.parse("0s")).hasMessageContaining("longer than 0");
  }

  @Test
  void start_beforeTheEpoch_roundsDown() {
    SpanPlan.EventTime hours = (SpanPlan.EventTime) SpanPlan.parse("1h");
    assertThat(hours.start(-1)).isEqualTo(-3_600_000);
    assertThat(hours.start(0)).isZero();
    assertThat(hours.start(3_599_999)).isZero();
    assertThat(hours.id(hours.start(Instant.parse("2026-03-01T10:59:59Z").toEpochMilli())))
        .isEqualTo("2026-03-01T10:00:00Z");
  }

  @Test
  void order_ofAnIdentifier_isItsStartOrNumber() {
    SpanPlan hours = SpanPlan.parse("1h");
    assertThat(hours.order("1970-01-01T01:00:00Z")).isEqualTo(3_600_000);
    assertThat(SpanPlan.parse("5 rows").order("rows-12")).isEqualTo(12);
    for (String wrong : new String[] {"", "rows-", "rows--1", "yesterday", "+1000000000-12-31"}) {
      assertThatThrownBy(() -> hours.order(wrong)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> SpanPlan.parse("5 rows").order(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
