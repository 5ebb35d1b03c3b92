// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.ApplicationDefinition;
import java.util.List;

/** What became of an application file. */
public sealed interface ParsedApplication {
  /**
   * It passed every check.
   *
   * @param hash see {@link ApplicationParser#hash}
   */
  record Valid(ApplicationDefinition definition, String hash) implements ParsedApplication {}

  /** It did not; at least one problem, in the order of the file's sections. */
  record Invalid(List<DefinitionProblem> problems) implements ParsedApplication {
    public Invalid {
      problems = List.copyOf(problems);
      if (problems.isEmpty()) {
        throw new IllegalArgumentException("an invalid application has a problem");
      }
    }
  }
}
