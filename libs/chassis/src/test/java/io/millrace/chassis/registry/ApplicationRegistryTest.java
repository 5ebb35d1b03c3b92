// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.common.application.ApplicationParser;
import io.millrace.common.application.ParsedApplication;
import io.millrace.common.contract.ApplicationApplied;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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

  /** What a listener is told, in order. */
  private List<String> told() {
    List<String> told = new ArrayList<>();
    registry.listen(
        new ApplicationChangeListener() {
          @Override
          public void applied(ApplicationApplied applied) {
            told.add(applied.app() + " " + applied.version());
          }

          @Override
          public void deleted(ApplicationApplied last) {
            told.add(last.app() + " deleted");
          }
        });
    return told;
  }

  /** Whoever was told of the first would compute it, and answer by it. */
  @Test
  void listen_severalVersionsInTheTopic_isToldOfTheNewestWhenAllIsRead() {
    List<String> told = told();
    registry.accept("shop", applied("shop", 1));
    registry.readTo(1);
    registry.accept("shop", applied("shop", 2));
    registry.readTo(2);
    assertThat(told).isEmpty();
    assertThat(told()).as("a listener that comes meanwhile").isEmpty();

    registry.accept("shop", applied("shop", 3));
    registry.readTo(3);
    assertThat(told).containsExactly("shop 3");
    assertThat(told()).containsExactly("shop 3");

    registry.accept("shop", applied("shop", 4));
    registry.readTo(4);
    registry.accept("shop", null);
    registry.readTo(5);
    assertThat(told).containsExactly("shop 3", "shop 4", "shop deleted");
  }

  /** Whoever was told of the deletion would remove what the new one has. */
  @Test
  void listen_deletedAndAppliedAgainInTheTopic_isNotToldOfTheDeletion() {
    List<String> told = told();
    registry.accept("shop", applied("shop", 1));
    registry.accept("shop", null);
    registry.accept("shop", applied("shop", 2));
    registry.readTo(3);
    assertThat(told).containsExactly("shop 2");
  }

  /** Its listener may have been away when it was deleted. */
  @Test
  void listen_deletedInTheTopic_isToldOfTheDeletionOnly() {
    List<String> told = told();
    registry.accept("shop", applied("shop", 1));
    registry.accept("other", applied("other", 1));
    registry.accept("shop", null);
    registry.readTo(3);
    assertThat(told).containsExactly("shop deleted", "other 1");
  }

  private static ApplicationApplied applied(String app) {
    return applied(app, 1);
  }

  private static ApplicationApplied applied(String app, int version) {
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
          new ApplicationApplied(app, version, valid.hash(), 0, valid.definition());
      case ParsedApplication.Invalid invalid ->
          throw new AssertionError(invalid.problems().toString());
    };
  }
}
