// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.bench.BenchException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RecomputationTest {
  private static final long NOW_MS = 1_790_000_000_000L;

  @Test
  void of_allOrders_equalsTheirPlainSums_andOnlyAtTheirMoment() {
    Orders orders = new Orders(NOW_MS);
    assertThat(Recomputation.of(orders, 2, NOW_MS).seconds()).isPositive();
    assertThatThrownBy(() -> Recomputation.of(orders, 2, NOW_MS + Duration.ofDays(30).toMillis()))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("recomputed");
  }
}
