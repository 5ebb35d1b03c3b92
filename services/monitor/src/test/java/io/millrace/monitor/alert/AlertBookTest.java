// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.AlertRaised;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AlertBookTest {
  private final AlertBook book = new AlertBook("shop");

  private Optional<AlertRaised> raise(String policy, String subject) {
    return book.raise(policy, subject, "page", "cause", "action", Map.of(), 1);
  }

  @Test
  void raise_whileOpen_givesNothingNew() {
    assertThat(raise("bad-data", "order")).isPresent();
    assertThat(raise("bad-data", "order")).isEmpty();
    assertThat(raise("bad-data", "offer")).isPresent();
  }

  @Test
  void resolve_subject_leavesTheOneThatOnlyBeginsAlike() {
    raise("bad-data", "order");
    raise("bad-data", "order_line");
    assertThat(book.resolve("bad-data", "order", "good again", 2))
        .singleElement()
        .satisfies(alert -> assertThat(alert.alertId()).isEqualTo("bad-data/order"));
    assertThat(book.isOpen("bad-data", "order_line")).isTrue();
    assertThat(raise("bad-data", "order")).as("it may be raised again").isPresent();
  }

  @Test
  void resolve_policy_closesAllOfItAndNoOther() {
    raise("data-drift", "a");
    raise("data-drift", "b");
    raise("data-drift-of-others", "c");
    assertThat(book.resolve("data-drift", "over", 2)).hasSize(2);
    assertThat(book.isOpen("data-drift-of-others", "c")).isTrue();
    assertThat(book.resolve("data-drift", "over", 3)).isEmpty();
  }
}
