// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.common.application.ApplicationParser;
import io.millrace.common.application.ParsedApplication;
import io.millrace.common.contract.ApplicationApplied;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ApplicationRegistryTest {
  private final ApplicationRegistry registry = new ApplicationRegistry(3);

  @Test
  void requireApplied_beforeTheTopicIsRead_doesNotSayThatThereIsNone() {
    registry.accept("early", applied("early"));
    registry.readTo(1);

    assertThat(registry.isComplete()).isFalse();
    assertThat(registry.requireApplied("early").version()).isEqualTo(1);
    assertThatExceptionOfType(ApplicationsUnreadException.class)
        .isThrownBy(() -> registry.requireApplied("later"));
  }

  @Test
  void requireApplied_onceTheTopicIsRead_knowsWhatThereIsNot() {
    registry.readTo(3);

    assertThat(registry.isComplete()).isTrue();
    assertThatExceptionOfType(UnknownApplicationException.class)
        .isThrownBy(() -> registry.requireApplied("later"));
  }

  @Test
  void requireApplied_emptyTopic_knowsAtOnceThatThereIsNone() {
    assertThatExceptionOfType(UnknownApplicationException.class)
        .isThrownBy(() -> new ApplicationRegistry(0).requireApplied("any"));
  }

  private static ApplicationApplied applied(String app) {
    byte[] yaml =
        """
        apiVersion: millrace/v1
        kind: Application
        metadata: {name: %s}
        events:
          order:
            time: {field: at, format: epoch_ms}
            schema: {properties: {at: {type: integer}}}
        """
            .formatted(app)
            .getBytes(StandardCharsets.UTF_8);
    return switch (ApplicationParser.parse(yaml)) {
      case ParsedApplication.Valid valid ->
          new ApplicationApplied(app, 1, valid.hash(), 0, valid.definition());
      case ParsedApplication.Invalid invalid ->
          throw new AssertionError(invalid.problems().toString());
    };
  }
}
