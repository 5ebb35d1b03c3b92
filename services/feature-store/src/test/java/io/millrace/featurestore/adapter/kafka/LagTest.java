// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class LagTest {
  private long now = Long.MAX_VALUE - 5;
  private final Lag lag = new Lag(() -> now);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  void records_beforeAny_unknownAndNotZero() {
    assertThat(lag.records()).isEmpty();
    assertThat(lag.failure()).isNull();
  }

  @Test
  void records_brokerSaysNothingMore_knownForHalfAMinute() {
    lag.measured(0);
    pass(Duration.ofSeconds(10));
    lag.failed(new TimeoutException("no answer"));
    assertThat(lag.records()).hasValue(0);
    assertThat(lag.failure()).isNull();

    pass(Duration.ofSeconds(21));
    assertThat(lag.records()).isEmpty();
    assertThat(lag.failure()).contains("no answer");

    lag.measured(7);
    assertThat(lag.records()).hasValue(7);
    assertThat(lag.failure()).isNull();
  }

  @Test
  void failure_neverMeasured_named() {
    lag.failed(new TimeoutException("no answer"));
    assertThat(lag.failure()).contains("no answer");
  }
}
