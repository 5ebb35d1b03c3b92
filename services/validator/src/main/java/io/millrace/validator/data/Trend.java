// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.util.List;

/**
 * Tells a column that moves on by nature (a counter, a clock, a running number) from one that
 * varies around a level: its last medians all moved one way, each time by at least a quarter of its
 * spread.
 */
final class Trend {
  private static final int STEPS = 3;
  private static final double LEAST_STEP = 0.25;

  private Trend() {}

  static boolean moves(List<ColumnFigures> oldestFirst) {
    List<ColumnFigures> known = oldestFirst.stream().filter(each -> each.numbers() > 0).toList();
    if (known.size() <= STEPS) {
      return false;
    }
    int direction = 0;
    for (int i = known.size() - STEPS; i < known.size(); i++) {
      ColumnFigures before = known.get(i - 1);
      double spread = Math.max(before.p95() - before.p05(), Math.ulp(before.p95()));
      double step = known.get(i).p50() - before.p50();
      if (Math.abs(step) < LEAST_STEP * spread) {
        return false;
      }
      int sign = (int) Math.signum(step);
      if (direction != 0 && sign != direction) {
        return false;
      }
      direction = sign;
    }
    return true;
  }
}
