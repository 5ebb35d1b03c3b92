// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.validator.model.Evaluation;
import io.millrace.validator.model.EvaluationArchive;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Evaluations of model versions, whole. */
@RestController
public final class EvaluationController {
  private final ApplicationRegistry applications;
  private final EvaluationArchive archive;

  public EvaluationController(ApplicationRegistry applications, EvaluationArchive archive) {
    this.applications = applications;
    this.archive = archive;
  }

  @GetMapping("/v1/applications/{app}/evaluations/{version}")
  Evaluation evaluation(@PathVariable String app, @PathVariable String version) {
    applications.require(app);
    return archive
        .find(app, version)
        .orElseThrow(
            () -> ProblemException.notFound("version '" + version + "' has not been evaluated"));
  }
}
