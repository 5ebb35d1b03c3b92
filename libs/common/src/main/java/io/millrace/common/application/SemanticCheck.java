// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.ApplicationDefinition;

/** What a JSON Schema cannot say: that names are declared, types fit and times are times. */
final class SemanticCheck {
  private SemanticCheck() {}

  static void check(ApplicationDefinition application, Problems problems) {
    if (application.name().equals("millrace")) {
      problems.add("metadata.name", "reserved", "'millrace' is the platform's own prefix");
    }
    new EventCheck(application, problems).check();
    new ViewCheck(application, problems).check();
    new LabelCheck(application, problems).check();
    new ModelCheck(application, problems).check();
    new OperationCheck(application, problems).check();
    new ExpressionCheck(application, problems).check();
  }

  /** Whether a field may be named in an event: declared and not dropped, or fields are inferred. */
  static boolean hasField(ApplicationDefinition application, String event, String field) {
    return !"drop".equals(application.event(event).personal().get(field))
        && application.event(event).eventSchema().has(field);
  }
}
