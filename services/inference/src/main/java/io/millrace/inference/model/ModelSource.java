// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.model;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.models.LoadedModel;
import java.io.IOException;

/** Where packages come from. */
public interface ModelSource {
  /**
   * Fetches, checks the digest, loads and verifies a version against its own input example.
   *
   * @throws IOException where it cannot be fetched now; the caller tries again
   * @throws io.millrace.models.InvalidPackageException where the package is broken; final
   */
  LoadedModel load(ModelVersionChanged version) throws IOException, InterruptedException;
}
