// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.LabelDefinition;
import java.time.Duration;
import java.util.List;

/** The label. */
final class LabelCheck {
  private final ApplicationDefinition application;
  private final Problems problems;

  LabelCheck(ApplicationDefinition application, Problems problems) {
    this.application = application;
    this.problems = problems;
  }

  void check() {
    LabelDefinition label = application.label();
    if (label == null) {
      return;
    }
    boolean known = application.events().containsKey(label.decidedAt());
    if (!known) {
      problems.unknown(
          "label.decidedAt", "event", label.decidedAt(), application.events().keySet());
    }
    if ((label.positive() == null) == (label.value() == null)) {
      problems.add("label", "label", "name either positive (a later event) or value (a CEL value)");
      return;
    }
    problems.duration("label.knownAfter", label.knownAfter(), true);
    if (label.positive() != null) {
      if (label.knownAfter() != null) {
        problems.add("label.knownAfter", "label", "knownAfter goes with value");
      }
      positive(label, label.positive(), known);
      return;
    }
    if (Boolean.TRUE.equals(label.seesEvent())) {
      problems.add(
          "label.seesEvent", "label-leak", "with value the deciding event holds the label");
    }
    if (label.otherwise() != null) {
      problems.add("label.otherwise", "label", "otherwise goes with positive");
    }
  }

  private void positive(LabelDefinition label, LabelDefinition.Positive positive, boolean known) {
    String path = "label.positive";
    Duration within = problems.duration(path + ".within", positive.within());
    Duration after = problems.duration(path + ".after", positive.after(), true);
    if (within != null && after != null && after.compareTo(within) >= 0) {
      problems.add(path + ".after", "label", "the label window starts after it has ended");
    }
    if (!application.events().containsKey(positive.event())) {
      problems.unknown(path + ".event", "event", positive.event(), application.events().keySet());
      return;
    }
    if ((positive.sameEntity() == null) == (positive.on() == null)) {
      problems.add(path, "label", "name either sameEntity or on");
      return;
    }
    List<String> fields = positive.on() == null ? List.of() : List.of(positive.on());
    String at = path + ".on";
    if (positive.sameEntity() != null) {
      at = path + ".sameEntity";
      EntityDefinition entity = application.entities().get(positive.sameEntity());
      if (entity == null) {
        problems.unknown(at, "entity", positive.sameEntity(), application.entities().keySet());
        return;
      }
      fields = entity.keyFields();
    }
    for (String field : fields) {
      shared(at, field, label, positive, known);
    }
  }

  /** A field that both events must have, and treat alike. */
  private void shared(
      String at,
      String field,
      LabelDefinition label,
      LabelDefinition.Positive positive,
      boolean known) {
    for (String event : List.of(label.decidedAt(), positive.event())) {
      if (application.events().containsKey(event)
          && !SemanticCheck.hasField(application, event, field)) {
        problems.add(at, "unknown-field", "event '" + event + "' has no field '" + field + "'");
      }
    }
    boolean hashedHere =
        known && application.event(label.decidedAt()).personal().containsKey(field);
    boolean hashedThere = application.event(positive.event()).personal().containsKey(field);
    if (known && hashedHere != hashedThere) {
      problems.add(at, "personal", "'" + field + "' is personal in one of the two events only");
    }
  }
}
