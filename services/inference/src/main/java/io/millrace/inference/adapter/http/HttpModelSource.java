// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.http;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.inference.model.ModelSource;
import io.millrace.models.InvalidPackageException;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelPackage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/**
 * Packages from the trainer, kept in a folder by digest, so that a restart does not need the
 * trainer. Thread-safe for different versions.
 */
public final class HttpModelSource implements ModelSource {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final HttpClient client;
  private final URI base;
  private final Path cache;

  public HttpModelSource(HttpClient client, URI base, Path cache) {
    this.client = client;
    this.base = base;
    this.cache = cache;
  }

  @Override
  public LoadedModel load(ModelVersionChanged version) throws IOException, InterruptedException {
    String digest = version.packageSha256();
    if (digest == null || !digest.matches("[0-9a-f]{64}")) {
      throw new InvalidPackageException("version " + version.version() + " names no package");
    }
    Path file = cache.resolve(version.app()).resolve(digest + ".zip");
    if (!Files.exists(file) || !digest.equals(ModelPackage.sha256(file))) {
      download(version, file, digest);
    }
    LoadedModel model = LoadedModel.load(file);
    try {
      model.verifyInputExample();
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
    return model;
  }

  private void download(ModelVersionChanged version, Path file, String digest)
      throws IOException, InterruptedException {
    Files.createDirectories(file.getParent());
    Path part = Files.createTempFile(file.getParent(), digest, ".part");
    try {
      HttpResponse<Path> response =
          Deadlines.send(
              client,
              HttpRequest.newBuilder(
                      base.resolve(
                          "/v1/applications/%s/models/%s/package"
                              .formatted(version.app(), version.version())))
                  .timeout(TIMEOUT)
                  .build(),
              HttpResponse.BodyHandlers.ofFile(part),
              TIMEOUT);
      if (response.statusCode() != 200) {
        throw new IOException("the trainer answered " + response.statusCode());
      }
      String found = ModelPackage.sha256(part);
      if (!found.equals(digest)) {
        throw new IOException("package digest is " + found + ", not " + digest);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
