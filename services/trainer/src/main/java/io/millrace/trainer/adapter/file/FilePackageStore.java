// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.file;

import io.millrace.models.ModelPackage;
import io.millrace.trainer.run.PackageStore;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** One zip file per version. */
public final class FilePackageStore implements PackageStore {
  private final Path folder;
  private final URI self;

  /**
   * @param self base URL of this service as others reach it
   */
  public FilePackageStore(Path folder, URI self) {
    this.folder = folder;
    this.self = self;
  }

  @Override
  public String write(String app, String version, ModelPackage content) {
    return content.write(file(app, version));
  }

  @Override
  public Optional<Path> find(String app, String version) {
    return SafeNames.isSafe(app) && SafeNames.isSafe(version)
        ? Optional.of(file(app, version)).filter(Files::isRegularFile)
        : Optional.empty();
  }

  @Override
  public String url(String app, String version) {
    return self.resolve("/v1/applications/" + app + "/models/" + version + "/package").toString();
  }

  private Path file(String app, String version) {
    return folder.resolve(SafeNames.require(app)).resolve(SafeNames.require(version) + ".zip");
  }
}
