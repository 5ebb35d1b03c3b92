// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MoaDetectorsTest {

  /** Every one of them has a counterpart here, and sees what nobody could miss. */
  @ParameterizedTest
  @MethodSource("io.millrace.bench.stats.MoaDetectors#names")
  void watch_errorsFromOneInTenToEveryOther_alarms(String name) {
    assertThat(Watch.names()).contains(name);
    Watch watch = MoaDetectors.watch(name);
    HardRows rows = new HardRows(3);
    for (int i = 0; i < 2_000; i++) {
      watch.alarms(rows.next(0.1));
    }
    boolean seen = false;
    for (int i = 0; i < 2_000; i++) {
      seen |= watch.alarms(rows.next(0.5));
    }
    assertThat(seen).isTrue();
  }
}
