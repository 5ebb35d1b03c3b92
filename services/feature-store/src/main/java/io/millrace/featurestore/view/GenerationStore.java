// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.view;

import io.millrace.common.definition.ApplicationDefinition;
import java.util.Optional;

/**
 * Which definition answers for an application, so that after a restart in the middle of a change
 * the former one goes on answering. Thread-safe.
 */
public interface GenerationStore {
  /** Features and labels change apart from each other. */
  enum Kind {
    FEATURES,
    LABELS
  }

  /** What answers. */
  record Active(String hash, ApplicationDefinition definition) {}

  Optional<Active> find(String app, Kind kind);

  void put(String app, Kind kind, Active active);

  void remove(String app);
}
