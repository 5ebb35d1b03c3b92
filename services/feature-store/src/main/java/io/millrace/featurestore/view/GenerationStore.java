// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.view;

import io.millrace.common.definition.ApplicationDefinition;
import java.util.Optional;

/**
 * Which definition answers for an application, so that after a restart in the middle of a change
 * the former one goes on answering. Thread-safe.
 */
public interface GenerationStore {
  /** What has versions of its own. */
  enum Kind {
    /** Changes with the feature views. */
    FEATURES,
    /** Changes with the label. */
    LABELS,
    /**
     * What all versions share, such as histories; there is one of it as long as the application.
     */
    SHARED
  }

  /** What answers. */
  record Active(String hash, ApplicationDefinition definition) {}

  Optional<Active> find(String app, Kind kind);

  void put(String app, Kind kind, Active active);

  void remove(String app);
}
