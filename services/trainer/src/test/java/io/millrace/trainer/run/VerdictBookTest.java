// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.common.contract.DataVerdict.Status;
import io.millrace.common.contract.SkewJudged;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class VerdictBookTest {
  private final VerdictBook book = new VerdictBook();

  private static DataVerdict verdict(String app, int span, Status status) {
    return new DataVerdict(
        app,
        "view",
        "s" + span,
        span,
        span + 1,
        10,
        status,
        1,
        List.of(new Anomaly("x", "RULE", "ERROR", "many", "few", "too many")),
        Map.of("x", Map.of("rows", 10.0)),
        0);
  }

  private static SkewJudged skew(int span) {
    return new SkewJudged(
        "shop",
        "view",
        "s" + span,
        span,
        span + 1,
        "d",
        1,
        1,
        1,
        1,
        SkewJudged.Status.SKEWED,
        List.of("why"),
        List.of(),
        List.of(),
        0);
  }

  @Test
  void accept_manySpans_forgetsTheFirstOnesAndWhatNobodyAsksFor() {
    for (int span = 0; span < VerdictBook.MOST + 5; span++) {
      book.accept(verdict("shop", span, Status.GOOD));
      book.accept(skew(span));
    }
    book.accept(verdict("taxi", 1, Status.BAD));
    assertThat(book.of("shop"))
        .hasSize(VerdictBook.MOST)
        .allSatisfy(
            each -> {
              assertThat(each.startMs()).isGreaterThanOrEqualTo(5);
              assertThat(each.anomalies()).isEmpty();
              assertThat(each.statistics()).isEmpty();
            });
    assertThat(book.skews("shop"))
        .hasSize(VerdictBook.MOST)
        .allSatisfy(each -> assertThat(each.reasons()).isEmpty());
    assertThat(book.of("taxi")).hasSize(1);
    assertThat(book.changes()).isEqualTo(VerdictBook.MOST + 6L);
  }

  @Test
  void accept_sameSpanAgain_isReplacedAndCountsAsAChange() {
    book.accept(verdict("shop", 1, Status.GOOD));
    book.accept(verdict("shop", 1, Status.BAD));
    assertThat(book.of("shop"))
        .singleElement()
        .extracting(DataVerdict::status)
        .isEqualTo(Status.BAD);
    assertThat(book.changes()).isEqualTo(2);
    book.forget("shop");
    assertThat(book.of("shop")).isEmpty();
  }
}
