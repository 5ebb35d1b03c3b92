// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import io.millrace.models.ModelPackage;
import java.nio.file.Path;
import java.util.Optional;

/** The packages of model versions, kept across restarts. Thread-safe. */
public interface PackageStore {
  /** Keeps a package and gives its SHA-256; one of the same version is replaced. */
  String write(String app, String version, ModelPackage content);

  /** The file of a version; empty where there is none. */
  Optional<Path> find(String app, String version);

  /** Where others fetch a version. */
  String url(String app, String version);
}
