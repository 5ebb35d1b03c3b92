// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.application;

import io.millrace.common.definition.ApplicationDefinition;
import java.util.List;

/** Says what a new definition breaks. */
@FunctionalInterface
public interface ChangeRules {
  List<BreakingChange> breaking(ApplicationDefinition before, ApplicationDefinition after);
}
