// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.adapter.http;

import io.millrace.common.contract.ReferenceProfile;
import io.millrace.common.serde.Json;
import io.millrace.monitor.loop.ReferenceProfiles;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** Reference profiles from the trainer, kept on disk so that a restart does not need it. */
public final class HttpReferenceProfiles implements ReferenceProfiles {
  private static final Logger LOG = LoggerFactory.getLogger(HttpReferenceProfiles.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final HttpClient client;
  private final URI base;
  private final Path cache;

  public HttpReferenceProfiles(HttpClient client, URI base, Path cache) {
    this.client = client;
    this.base = base;
    this.cache = cache;
  }

  @Override
  public Optional<ReferenceProfile> find(String app, String version) {
    Path file = cache.resolve(app).resolve(version + ".json");
    try {
      if (!Files.exists(file) && !download(app, version, file)) {
        return Optional.empty();
      }
      return Optional.of(Json.mapper().readValue(Files.readAllBytes(file), ReferenceProfile.class));
    } catch (IOException | JacksonException e) {
      LOG.warn("no reference profile of {} version {} yet: {}", app, version, e.toString());
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private boolean download(String app, String version, Path file)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(
                    base.resolve(
                        "/v1/applications/%s/models/%s/files/reference_profile.json"
                            .formatted(app, version)))
                .timeout(TIMEOUT)
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      LOG.warn("the trainer answered {} for version {}", response.statusCode(), version);
      return false;
    }
    Files.createDirectories(file.getParent());
    Path part = Files.createTempFile(file.getParent(), version, ".part");
    Files.write(part, response.body());
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return true;
  }
}
