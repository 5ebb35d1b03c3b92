// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.MonitorDefinition;
import io.millrace.common.definition.RolloutDefinition;
import io.millrace.common.definition.ValidationDefinition;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rollout, monitoring and validation. */
final class OperationCheck {
  private static final Pattern ROWS = Pattern.compile("[1-9]\\d{0,8}\\s*rows");

  private final ApplicationDefinition application;
  private final Problems problems;

  OperationCheck(ApplicationDefinition application, Problems problems) {
    this.application = application;
    this.problems = problems;
  }

  void check() {
    RolloutDefinition rollout = application.rollout();
    if (rollout != null) {
      rollout(rollout);
    }
    MonitorDefinition monitor = application.monitor();
    if (monitor != null) {
      rows("monitor.window", monitor.window());
      if (monitor.retrain() != null) {
        problems.duration("monitor.retrain.atMostEvery", monitor.retrain().atMostEvery());
      }
    }
    ValidationDefinition validation = application.validation();
    if (validation != null) {
      rowsOrDuration("validation.span", validation.span());
      validation.events().forEach(this::spans);
      for (int i = 0; i < validation.overrides().size(); i++) {
        override("validation.overrides[" + i + "]", validation.overrides().get(i), validation);
      }
      if (validation.skew() != null
          && (application.label() == null || application.model() == null)) {
        problems.add("validation.skew", "skew", "served vectors need a label and a model");
      }
    }
  }

  private void override(
      String path, ValidationDefinition.Override override, ValidationDefinition validation) {
    if (override.event() != null && !application.events().containsKey(override.event())) {
      problems.add(path + ".event", "event", "no event '" + override.event() + "' is declared");
    }
    String rule = override.rule();
    if (rule != null && !validation.rules().containsKey(rule)) {
      problems.add(path + ".rule", "rule", "no rule '" + rule + "' is declared");
    }
    if (rule != null && !override.kind().equals("RULE")) {
      problems.add(path + ".rule", "rule", "goes with kind: RULE");
    }
  }

  private void spans(String event, ValidationDefinition.SpanRules rules) {
    String path = "validation.events." + event;
    if (!application.events().containsKey(event)) {
      problems.add(path, "event", "no event '" + event + "' is declared");
    }
    Long least = rules.minRows();
    Long most = rules.maxRows();
    if (least != null && most != null && least > most) {
      problems.add(path + ".minRows", "range", "must not lie above maxRows, " + most);
    }
    Double from = rules.minRatio();
    Double to = rules.maxRatio();
    if (from != null && to != null && from > to) {
      problems.add(path + ".minRatio", "range", "must not lie above maxRatio, " + to);
    }
    problems.duration(path + ".freshness", rules.freshness());
  }

  private void rollout(RolloutDefinition rollout) {
    double before = 0;
    for (int i = 0; i < rollout.steps().size(); i++) {
      double share = share(rollout.steps().get(i));
      if (share <= before || share > 1) {
        problems.add("rollout.steps[" + i + "]", "steps", "shares rise from step to step to 100%");
      }
      before = share;
    }
    if (!rollout.steps().isEmpty() && !"canary".equals(rollout.kind())) {
      problems.add("rollout.steps", "steps", "steps go with kind: canary");
    }
  }

  private static double share(String text) {
    String trimmed = text.trim();
    try {
      return trimmed.endsWith("%")
          ? Double.parseDouble(trimmed.substring(0, trimmed.length() - 1)) / 100
          : Double.parseDouble(trimmed);
    } catch (NumberFormatException e) {
      // The schema has named this place already; no share is out of every range.
      return Double.NaN;
    }
  }

  private void rowsOrDuration(String path, @Nullable String text) {
    if (text != null && text.trim().endsWith("rows")) {
      rows(path, text);
    } else {
      problems.duration(path, text);
    }
  }

  private void rows(String path, @Nullable String text) {
    if (text != null && !ROWS.matcher(text.trim()).matches()) {
      problems.add(path, "rows", "'" + text + "' is not like 2000 rows");
    }
  }
}
