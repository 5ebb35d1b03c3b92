// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import java.util.Optional;

/** Keeps evaluations whole. Implementations are thread-safe. */
public interface EvaluationArchive {
  /** Keeps an evaluation, in place of an earlier one of the version. */
  void keep(Evaluation evaluation);

  Optional<Evaluation> find(String app, String version);
}
