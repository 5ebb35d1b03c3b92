// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.models.ModelMetadata;
import io.millrace.models.ModelPackage;
import io.millrace.trainer.run.PackageStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows model versions and hands out their packages. */
@RestController
@RequestMapping("/v1/applications/{app}/models")
public final class ModelsController {
  private static final MediaType ZIP = MediaType.parseMediaType("application/zip");

  private final ApplicationRegistry applications;
  private final VersionDirectory versions;
  private final PackageStore packages;

  public ModelsController(
      ApplicationRegistry applications, VersionDirectory versions, PackageStore packages) {
    this.applications = applications;
    this.versions = versions;
    this.packages = packages;
  }

  record Models(List<ModelVersionChanged> models) {}

  /**
   * One version.
   *
   * @param state as on the topic
   * @param metadata from the package; absent for a run that made none
   * @param files name → size in bytes
   */
  record Model(
      ModelVersionChanged state, @Nullable ModelMetadata metadata, Map<String, Integer> files) {}

  @GetMapping
  Models list(@PathVariable String app) {
    applications.require(app);
    return new Models(versions.versions(app));
  }

  @GetMapping("/{version}")
  Model model(@PathVariable String app, @PathVariable String version) {
    ModelVersionChanged state = require(app, version);
    return packages
        .find(app, version)
        .map(ModelPackage::read)
        .map(content -> new Model(state, content.metadata(), content.sizes()))
        .orElseGet(() -> new Model(state, null, Map.of()));
  }

  @GetMapping("/{version}/package")
  ResponseEntity<Resource> content(@PathVariable String app, @PathVariable String version) {
    Path file = file(app, version);
    return ResponseEntity.ok()
        .contentType(ZIP)
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            "attachment; filename=\"" + app + "-" + version + ".zip\"")
        .body(new FileSystemResource(file));
  }

  @GetMapping("/{version}/files/{name}")
  ResponseEntity<byte[]> file(
      @PathVariable String app, @PathVariable String version, @PathVariable String name) {
    ModelPackage content = ModelPackage.read(file(app, version));
    byte[] bytes = content.file(name);
    if (bytes == null) {
      throw ProblemException.notFound(
          "version %s of application '%s' has no file '%s'; there are %s"
              .formatted(version, app, name, content.sizes().keySet()));
    }
    return ResponseEntity.ok()
        .contentType(
            name.endsWith(".json")
                ? MediaType.APPLICATION_JSON
                : MediaType.APPLICATION_OCTET_STREAM)
        .body(bytes);
  }

  /** A package may be fetched as soon as it is written, before this service has read it back. */
  private Path file(String app, String version) {
    applications.require(app);
    return packages
        .find(app, version)
        .orElseThrow(
            () -> {
              require(app, version);
              return ProblemException.notFound(
                  "version '%s' of application '%s' has no package".formatted(version, app));
            });
  }

  private ModelVersionChanged require(String app, String version) {
    applications.require(app);
    return versions
        .version(app, version)
        .orElseThrow(
            () ->
                ProblemException.notFound(
                    "application '%s' has no model version '%s'".formatted(app, version)));
  }
}
