// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.http;

import io.millrace.common.contract.ModelVersionChanged;
import java.util.List;
import java.util.Optional;

/** The versions to show. Thread-safe. */
public interface VersionDirectory {
  /** All versions of an application, in the order in which they began. */
  List<ModelVersionChanged> versions(String app);

  Optional<ModelVersionChanged> version(String app, String version);
}
