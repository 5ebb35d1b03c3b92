// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.datasets.DatasetException;
import io.millrace.validator.model.CandidateTrial;
import io.millrace.validator.model.VersionBook;
import io.millrace.validator.skew.ServedVectors;
import io.millrace.validator.skew.SkewBook;
import io.millrace.validator.skew.SkewReport;
import io.millrace.validator.skew.SkewReview;
import io.millrace.validator.skew.SkewThresholds;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * Compares training rows with served vectors when asked to, one comparison at a time; tells what
 * was found where they are compared span after span.
 */
@RestController
public final class SkewController {
  private static final int RETRY_AFTER_SECONDS = 5;

  private final ApplicationRegistry applications;
  private final CandidateTrial.HeldOutRows datasets;
  private final ServedVectors vectors;
  private final VersionBook versions;
  private final SkewThresholds thresholds;
  private final SkewBook book;
  private final Semaphore one = new Semaphore(1);

  public SkewController(
      ApplicationRegistry applications,
      CandidateTrial.HeldOutRows datasets,
      ServedVectors vectors,
      VersionBook versions,
      SkewThresholds thresholds,
      SkewBook book) {
    this.applications = applications;
    this.datasets = datasets;
    this.vectors = vectors;
    this.versions = versions;
    this.thresholds = thresholds;
    this.book = book;
  }

  /**
   * What to compare.
   *
   * @param dataset id of the training rows; absent takes those of the champion
   * @param version only vectors of this model version; absent takes all
   * @param fromMs only moments from here, inclusive
   * @param toMs only moments to here, exclusive
   * @param tolerance relative difference of two numbers that is none; 0 by default
   */
  public record Body(
      @Nullable String dataset,
      @Nullable String version,
      @Nullable Long fromMs,
      @Nullable Long toMs,
      @Nullable Double tolerance) {}

  /** What was found by itself, span after span, oldest first. */
  @GetMapping("/v1/applications/{app}/skew")
  List<SkewJudged> verdicts(@PathVariable String app) {
    applications.require(app);
    return book.of(app);
  }

  @PostMapping("/v1/applications/{app}/skew")
  SkewReport compare(
      @PathVariable String app, @RequestBody(required = false) @Nullable Body given) {
    ApplicationDefinition definition = applications.require(app);
    Body body = given == null ? new Body(null, null, null, null, null) : given;
    double tolerance = body.tolerance() == null ? 0 : body.tolerance();
    if (!(tolerance >= 0 && tolerance < 1)) {
      throw ProblemException.invalid("tolerance", "range", "must be within 0 and 1");
    }
    String dataset = body.dataset() == null ? championDataset(app) : body.dataset();
    if (!one.tryAcquire()) {
      throw ProblemException.unavailable("another comparison is under way", RETRY_AFTER_SECONDS);
    }
    try {
      List<ServedVectors.Vector> served =
          vectors.last(
              app,
              new ServedVectors.Asked(
                  body.version(),
                  body.fromMs() == null ? Long.MIN_VALUE : body.fromMs(),
                  body.toMs() == null ? Long.MAX_VALUE : body.toMs()),
              SkewReview.MOST_VECTORS);
      return SkewReview.of(
          new SkewReview.Terms(
              app,
              dataset,
              definition.modelInputs(),
              SkewReview.LABEL,
              tolerance,
              SpanController.read(() -> thresholds.of(definition))),
          datasets.fetch(app, dataset).files(),
          served);
    } catch (CandidateTrial.UnavailableException e) {
      throw ProblemException.unavailable(String.valueOf(e.getMessage()), RETRY_AFTER_SECONDS);
    } catch (DatasetException e) {
      throw ProblemException.invalid("dataset", "dataset", String.valueOf(e.getMessage()));
    } finally {
      one.release();
    }
  }

  private String championDataset(String app) {
    String dataset = versions.champion(app).map(ModelVersionChanged::datasetId).orElse(null);
    if (dataset == null) {
      throw ProblemException.invalid(
          "dataset", "required", "there is no champion whose dataset could be taken");
    }
    return dataset;
  }
}
