// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.application.ApplicationParser;
import io.millrace.common.application.ParsedApplication;
import io.millrace.stats.detector.Detectors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WatchSettingsTest {
  private static ParsedApplication parse(String monitor) {
    return ApplicationParser.parse(
        """
        apiVersion: millrace/v1
        kind: Application
        metadata: {name: offers}
        events:
          offer:
            time: {field: at, format: epoch_ms}
            schema: {properties: {at: {type: integer}}}
        entities:
          all: {constant: all}
        monitor: %s
        """
            .formatted(monitor)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static WatchSettings settings(String monitor) {
    return switch (parse(monitor)) {
      case ParsedApplication.Valid valid -> WatchSettings.of(valid.definition());
      case ParsedApplication.Invalid invalid ->
          throw new AssertionError(invalid.problems().toString());
    };
  }

  @Test
  void of_nothingSaid_isTheDefaults() {
    assertThat(settings("{}"))
        .isEqualTo(new WatchSettings(true, List.of(), 2_000, 0.01, "anytime_valid"));
  }

  @Test
  void of_everythingSaid_isTaken() {
    assertThat(settings("{drift: off, window: 300 rows, falseAlarmLevel: 0.05, detector: kswin}"))
        .isEqualTo(new WatchSettings(false, List.of(), 300, 0.05, "kswin"));
  }

  @Test
  void parse_detector_isOneOfThoseThereAreOrOff() {
    List<String> names = new ArrayList<>(Detectors.names());
    names.add("off");
    for (String name : names) {
      assertThat(settings("{detector: " + name + "}").detector()).isEqualTo(name);
    }
    ParsedApplication refused = parse("{detector: sprt}");
    assertThat(refused).isInstanceOf(ParsedApplication.Invalid.class);
    assertThat(((ParsedApplication.Invalid) refused).problems())
        .hasSize(1)
        .allSatisfy(
            problem -> {
              assertThat(problem.path()).isEqualTo("monitor.detector");
              assertThat(names).allMatch(problem.message()::contains);
            });
  }
}
