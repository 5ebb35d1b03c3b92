// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.bench.BenchException;
import io.millrace.features.pit.KnownEvent;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OnlineComparisonTest {
  private static final long HOUR_MS = Duration.ofHours(1).toMillis();

  @TempDir private Path folder;

  /** Some lines of one customer, two at each moment. */
  private static List<KnownEvent> lines(long lastQuantity) {
    List<KnownEvent> lines = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      long at = i / 2 * 7 * HOUR_MS;
      lines.add(
          new KnownEvent(
              at,
              at,
              "line-" + i,
              Map.of("Quantity", i == 39 ? lastQuantity : i, "UnitPrice", 0.1 * i)));
    }
    return lines;
  }

  @Test
  void compare_rowsOfTheSameLines_countsTheirValues() throws SQLException {
    Path file = folder.resolve("rows.parquet");
    PitBench.build(Map.of("one", lines(5)), file);
    assertThat(OnlineComparison.compare(Map.of("one", lines(5)), PitBench.plan(), file))
        .isEqualTo(40 * 16);
  }

  @Test
  void compare_oneValueOfOneLineDiffers_isNamed() {
    Path file = folder.resolve("rows.parquet");
    PitBench.build(Map.of("one", lines(5)), file);
    assertThatThrownBy(
            () -> OnlineComparison.compare(Map.of("one", lines(6)), PitBench.plan(), file))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("sum_1d of one");
  }

  @Test
  void compare_rowMissing_isNamed() {
    Path file = folder.resolve("rows.parquet");
    PitBench.build(Map.of("one", lines(5).subList(0, 38)), file);
    assertThatThrownBy(
            () -> OnlineComparison.compare(Map.of("one", lines(5)), PitBench.plan(), file))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("fewer rows");
  }
}
