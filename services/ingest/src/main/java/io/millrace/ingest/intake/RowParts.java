// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What judging a row takes from outside. Implementations are thread-safe. */
public interface RowParts {
  /**
   * Compiles a pattern whose matching takes linear time; true where some part of a text matches.
   */
  Predicate<String> pattern(String pattern);

  /** The keyed hash that stands in for a personal value. */
  String pseudonym(String app, String field, String value);

  /** A row as one JSON object, for people. */
  String json(Map<String, ? extends @Nullable Object> fields);
}
