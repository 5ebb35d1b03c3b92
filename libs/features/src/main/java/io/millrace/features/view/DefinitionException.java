// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.List;
import java.util.stream.Collectors;

/** A feature view that cannot be computed, with every reason. */
public final class DefinitionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /**
   * One reason.
   *
   * @param path where, relative to the view, for example {@code features.spend_7d.window}
   * @param message what is wrong and what would be right
   */
  public record Problem(String path, String message) {}

  DefinitionException(String viewName, List<Problem> problems) {
    super(
        problems.stream()
            .map(problem -> problem.path() + ": " + problem.message())
            .collect(Collectors.joining("; ", "view '" + viewName + "': ", "")));
    this.problems = List.copyOf(problems);
  }

  /** All problems, in the order of the definition. */
  public List<Problem> problems() {
    return problems;
  }
}
