// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HardRowsTest {
  private static final int ROWS = 200_000;

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.2, 0.3, 0.5})
  void next_anErrorRate_isTheShareOfErrorsInBothClasses(double rate) {
    HardRows rows = new HardRows(1);
    int[] seen = new int[2];
    int[] wrong = new int[2];
    for (int i = 0; i < ROWS; i++) {
      Outcome outcome = rows.next(rate);
      int actual = outcome.actual() ? 1 : 0;
      seen[actual]++;
      wrong[actual] += outcome.isWrong() ? 1 : 0;
    }
    // Five deviations of a share of half of the rows.
    double tolerance = 5 * Math.sqrt(rate * (1 - rate) / (ROWS / 2.0));
    assertThat((double) wrong[0] / seen[0]).isCloseTo(rate, within(tolerance));
    assertThat((double) wrong[1] / seen[1]).isCloseTo(rate, within(tolerance));
  }

  /** Of independent errors of one rate, one follows another as often as it follows a hit. */
  @Test
  void next_oneErrorRate_errorsAreIndependent() {
    HardRows rows = new HardRows(2);
    int[] after = new int[2];
    int[] wrong = new int[2];
    boolean before = rows.next(0.3).isWrong();
    for (int i = 0; i < ROWS; i++) {
      boolean now = rows.next(0.3).isWrong();
      after[before ? 1 : 0]++;
      wrong[before ? 1 : 0] += now ? 1 : 0;
      before = now;
    }
    double tolerance = 5 * Math.sqrt(0.3 * 0.7 * (1.0 / after[0] + 1.0 / after[1]));
    assertThat((double) wrong[1] / after[1])
        .isCloseTo((double) wrong[0] / after[0], within(tolerance));
  }
}
