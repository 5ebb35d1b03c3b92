// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.await;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class AwaitTest {
  @Test
  void value_appearsAtTheThirdLook_isReturned() {
    AtomicInteger looks = new AtomicInteger();
    int value =
        Await.value(
            () -> looks.incrementAndGet() < 3 ? Optional.empty() : Optional.of(looks.get()),
            Duration.ofSeconds(10),
            () -> "nothing");
    assertThat(value).isEqualTo(3);
  }

  @Test
  void until_neverHolds_saysWhatIsThereInstead() {
    assertThatThrownBy(() -> Await.until(() -> false, Duration.ofMillis(1), () -> "2 of 3 rows"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("2 of 3 rows");
  }

  @Test
  void until_conditionFails_passesItOn() {
    assertThatThrownBy(
            () ->
                Await.until(
                    () -> {
                      throw new IllegalStateException("broken");
                    },
                    Duration.ofSeconds(10),
                    () -> "nothing"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("broken");
  }
}
