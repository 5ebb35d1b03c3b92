// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.serde.Json;
import io.millrace.featurestore.dataset.Announcements;
import io.millrace.featurestore.dataset.DataVersion;
import io.millrace.featurestore.dataset.DatasetJobs;
import io.millrace.featurestore.dataset.DatasetRequest;
import io.millrace.featurestore.dataset.Spines;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.ServingGenerations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Datasets: asked for, waited for, fetched. */
@RestController
@RequestMapping("/v1/applications/{app}/datasets")
public final class DatasetsController {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetsController.class);
  private static final byte[] NO_BODY = {'{', '}'};
  private static final int RETRY_S = 5;
  private static final long SPINE_BYTES_MAX = 4L << 30;

  private final ApplicationRegistry registry;
  private final ServingGenerations serving;
  private final DataVersion version;
  private final DatasetJobs jobs;
  private final Spines spines;
  private final Announcements announcements;
  private final OtherInstances others;

  public DatasetsController(
      ApplicationRegistry registry,
      ServingGenerations serving,
      DataVersion version,
      DatasetJobs jobs,
      Spines spines,
      Announcements announcements,
      OtherInstances others) {
    this.registry = registry;
    this.serving = serving;
    this.version = version;
    this.jobs = jobs;
    this.spines = spines;
    this.announcements = announcements;
    this.others = others;
  }

  record Body(
      @Nullable Long fromMs,
      @Nullable Long toMs,
      @Nullable List<List<Long>> allowed,
      @Nullable Double evalShare,
      @Nullable String spine,
      @Nullable Boolean pseudonymous,
      @Nullable List<String> features,
      @Nullable Double sample,
      @Nullable String sampleBy,
      @Nullable Double negatives,
      @Nullable String split,
      @Nullable String splitBy) {
    DatasetRequest request() {
      return new DatasetRequest(
          fromMs,
          toMs,
          allowed,
          evalShare,
          spine,
          pseudonymous,
          features,
          sample,
          sampleBy,
          negatives,
          split,
          splitBy);
    }
  }

  /** Has a dataset built here, unless another instance has it, or its spine, already. */
  @PostMapping
  ResponseEntity<?> submit(
      @PathVariable String app,
      @RequestBody(required = false) @Nullable Body body,
      @RequestHeader(name = OtherInstances.FORWARDED_BY, required = false)
          @Nullable String forwardedBy)
      throws IOException {
    ApplicationApplied applied = registry.requireApplied(app);
    DatasetRequest request = request(body);
    Generation generation =
        serving
            .find(app)
            .filter(each -> each.hash().equals(Generation.of(applied.definition()).hash()))
            .orElseThrow(
                () ->
                    ProblemException.unavailable(
                        "the features of '" + app + "' are being computed", RETRY_S));
    LabelRule rule = LabelRule.of(applied.definition());
    if (rule == null && request.spine() == null) {
      throw ProblemException.conflict(
          "the application has no label",
          List.of(
              new Violation(
                  "label", "required", "declare a label to build datasets, or send a spine")));
    }
    try {
      String dataVersion = version.of(generation, request.spine() == null ? rule : null);
      String id = DatasetJobs.id(applied, rule, request, dataVersion);
      Optional<ResponseEntity<byte[]>> elsewhere =
          forwardedBy == null ? elsewhere(app, id, request, body) : Optional.empty();
      if (elsewhere.isPresent()) {
        return elsewhere.get();
      }
      jobs.submit(applied, generation, rule, request, dataVersion);
      announcements.announce(app, id);
      return ResponseEntity.accepted().body(Map.of("datasetId", id));
    } catch (IllegalArgumentException e) {
      throw invalid(e);
    } catch (StoreUnavailableException e) {
      throw ProblemException.unavailable(String.valueOf(e.getMessage()), RETRY_S);
    } catch (RejectedExecutionException e) {
      throw ProblemException.overloaded("too many datasets are waiting", RETRY_S);
    }
  }

  /** The answer of the instance that has the dataset, or the only copy of the spine. */
  private Optional<ResponseEntity<byte[]>> elsewhere(
      String app, String id, DatasetRequest request, @Nullable Body body) {
    if (jobs.find(app, id).isPresent()) {
      return Optional.empty();
    }
    byte[] json = body == null ? NO_BODY : Json.mapper().writeValueAsBytes(body);
    String spine = request.spine();
    if (spine != null && !spines.has(app, spine)) {
      return others.submit(app, spine, json);
    }
    try {
      return others.submit(app, id, json).or(() -> others.submitToBuilder(app, id, json));
    } catch (StoreUnavailableException e) {
      // At worst it is built twice.
      LOG.warn("whether another instance has {} of {} is not known", id, app, e);
      return Optional.empty();
    }
  }

  private static DatasetRequest request(@Nullable Body body) {
    try {
      return body == null ? new DatasetRequest(null, null, null, null) : body.request();
    } catch (IllegalArgumentException e) {
      throw invalid(e);
    }
  }

  private static ProblemException invalid(IllegalArgumentException failure) {
    String message = String.valueOf(failure.getMessage());
    String field = message.substring(0, Math.max(0, message.indexOf(':')));
    return ProblemException.invalid(
        message, List.of(new Violation(field.isEmpty() ? "spine" : field, "range", message)));
  }

  /** Takes a file of moments, CSV, plain or gzip; the same file again changes nothing. */
  @PostMapping("/spines")
  @ResponseStatus(HttpStatus.CREATED)
  Spines.Sent spine(@PathVariable String app, InputStream body) throws IOException {
    registry.require(app);
    try {
      Spines.Sent sent = spines.put(app, body, SPINE_BYTES_MAX);
      announcements.announce(app, sent.id());
      return sent;
    } catch (IllegalArgumentException e) {
      throw invalid(e);
    } catch (Spines.TooLargeException e) {
      throw ProblemException.invalid(
          String.valueOf(e.getMessage()),
          List.of(new Violation("body", "size", String.valueOf(e.getMessage()))));
    }
  }

  /** How the last datasets are that this instance was asked for, the newest first. */
  @GetMapping
  Map<String, List<DatasetJobs.Job>> recent(@PathVariable String app) {
    registry.require(app);
    return Map.of("datasets", jobs.recent(app));
  }

  /** How a dataset is, on whichever instance. */
  @GetMapping("/{id}")
  ResponseEntity<?> find(
      @PathVariable String app,
      @PathVariable String id,
      @RequestHeader(name = OtherInstances.FORWARDED_BY, required = false)
          @Nullable String forwardedBy) {
    Optional<DatasetJobs.Job> own = jobs.find(app, id);
    if (own.isPresent()) {
      return ResponseEntity.ok(own.get());
    }
    return elsewhere(app, id, forwardedBy, () -> others.status(app, id))
        .orElseThrow(() -> ProblemException.notFound("there is no dataset '" + id + "'"));
  }

  /** A file of a dataset, on whichever instance. */
  @GetMapping("/{id}/files/{name}")
  ResponseEntity<Resource> file(
      @PathVariable String app,
      @PathVariable String id,
      @PathVariable String name,
      @RequestHeader(name = OtherInstances.FORWARDED_BY, required = false)
          @Nullable String forwardedBy) {
    Optional<Path> own = jobs.file(app, id, name);
    if (own.isPresent()) {
      return ResponseEntity.ok()
          .contentType(
              name.endsWith(".json")
                  ? MediaType.APPLICATION_JSON
                  : MediaType.APPLICATION_OCTET_STREAM)
          .body(new FileSystemResource(own.get()));
    }
    return elsewhere(app, id, forwardedBy, () -> others.file(app, id, name))
        .orElseThrow(() -> ProblemException.notFound("there is no file '" + name + "'"));
  }

  private static <T> Optional<ResponseEntity<T>> elsewhere(
      String app,
      String id,
      @Nullable String forwardedBy,
      Supplier<Optional<ResponseEntity<T>>> ask) {
    return forwardedBy == null && DatasetJobs.isName(app, id) ? ask.get() : Optional.empty();
  }
}
