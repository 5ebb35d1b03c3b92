// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.featurestore.adapter.http.ProgressController.Source;
import io.millrace.featurestore.dataset.DatasetJobs;
import io.millrace.featurestore.dataset.DatasetRequest;
import io.millrace.featurestore.dataset.Spines;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.progress.ProgressBoard;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.ServingGenerations;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Datasets: asked for, waited for, fetched. */
@RestController
@RequestMapping("/v1/applications/{app}/datasets")
public final class DatasetsController {
  private static final int RETRY_S = 5;
  private static final long SPINE_BYTES_MAX = 4L << 30;

  private final ApplicationRegistry registry;
  private final ServingGenerations serving;
  private final ProgressBoard board;
  private final Source streams;
  private final DatasetJobs jobs;
  private final Spines spines;

  public DatasetsController(
      ApplicationRegistry registry,
      ServingGenerations serving,
      ProgressBoard board,
      Source streams,
      DatasetJobs jobs,
      Spines spines) {
    this.registry = registry;
    this.serving = serving;
    this.board = board;
    this.streams = streams;
    this.jobs = jobs;
    this.spines = spines;
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

  @PostMapping
  @ResponseStatus(HttpStatus.ACCEPTED)
  Map<String, String> submit(
      @PathVariable String app, @RequestBody(required = false) @Nullable Body body)
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
      return Map.of("datasetId", jobs.submit(applied, generation, rule, request, dataVersion(app)));
    } catch (IllegalArgumentException e) {
      throw invalid(e);
    } catch (RejectedExecutionException e) {
      throw ProblemException.overloaded("too many datasets are waiting", RETRY_S);
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
      return spines.put(app, body, SPINE_BYTES_MAX);
    } catch (IllegalArgumentException e) {
      throw invalid(e);
    } catch (Spines.TooLargeException e) {
      throw ProblemException.invalid(
          String.valueOf(e.getMessage()),
          List.of(new Violation("body", "size", String.valueOf(e.getMessage()))));
    }
  }

  /** Changes with every event that is applied and every label that is emitted. */
  private String dataVersion(String app) {
    return streams
        .of(app)
        .map(
            each ->
                board.of(each.featuresId()).tallies().getOrDefault("applied", 0L)
                    + " "
                    + board.of(each.labelsId()).tallies())
        .orElse("");
  }

  @GetMapping("/{id}")
  DatasetJobs.Job find(@PathVariable String app, @PathVariable String id) {
    return jobs.find(app, id)
        .orElseThrow(() -> ProblemException.notFound("there is no dataset '" + id + "'"));
  }

  @GetMapping("/{id}/files/{name}")
  ResponseEntity<Resource> file(
      @PathVariable String app, @PathVariable String id, @PathVariable String name) {
    return jobs.file(app, id, name)
        .map(
            path ->
                ResponseEntity.ok()
                    .contentType(
                        name.endsWith(".json")
                            ? MediaType.APPLICATION_JSON
                            : MediaType.APPLICATION_OCTET_STREAM)
                    .<Resource>body(new FileSystemResource(path)))
        .orElseThrow(() -> ProblemException.notFound("there is no file '" + name + "'"));
  }
}
