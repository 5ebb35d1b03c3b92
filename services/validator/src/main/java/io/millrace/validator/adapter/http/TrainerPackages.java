// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.http;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.models.InvalidPackageException;
import io.millrace.models.ModelPackage;
import io.millrace.validator.model.CandidateTrial;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;

/** Packages of the trainer, kept by digest. */
public final class TrainerPackages implements CandidateTrial.Packages {
  private final VerifiedDownload download;
  private final Path folder;

  /**
   * @param folder where packages are kept; at most one per digest
   */
  public TrainerPackages(
      HttpClient client, URI base, String apiKey, Path folder, Duration timeout) {
    this.download = new VerifiedDownload(client, base, apiKey, "the trainer", timeout);
    this.folder = folder;
  }

  @Override
  public Path fetch(ModelVersionChanged version) {
    String digest = version.packageSha256();
    if (digest == null || !digest.matches("[0-9a-f]{64}")) {
      throw new InvalidPackageException("has no digest");
    }
    Path file = folder.resolve(digest + ".zip");
    try {
      download.file(
          "/v1/applications/%s/models/%s/package".formatted(version.app(), version.version()),
          file,
          digest,
          ModelPackage.MAX_BYTES + (1 << 20));
    } catch (VerifiedDownload.RefusedException e) {
      throw new InvalidPackageException(String.valueOf(e.getMessage()), e);
    }
    return file;
  }
}
