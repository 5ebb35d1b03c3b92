// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.topic.Topics;
import io.millrace.trainer.learning.Learner;
import io.millrace.trainer.learning.TrainingPlan;
import io.millrace.trainer.run.RunRecord;
import io.millrace.trainer.run.RunStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Asks for training runs and shows them. */
@RestController
@RequestMapping("/v1/applications/{app}")
public final class RunsController {
  private static final Duration PUBLISH_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_RUNS = 500;
  private static final int MAX_REASON = 500;

  private final ApplicationRegistry applications;
  private final RunStore runs;
  private final Publisher publisher;
  private final Map<String, Learner> learners;
  private final InstantSource clock;

  public RunsController(
      ApplicationRegistry applications,
      RunStore runs,
      Publisher publisher,
      List<Learner> learners,
      InstantSource clock) {
    this.applications = applications;
    this.runs = runs;
    this.publisher = publisher;
    this.learners = new TreeMap<>();
    learners.forEach(learner -> this.learners.put(learner.algorithm(), learner));
    this.clock = clock;
  }

  /**
   * What is wanted; everything may be left out.
   *
   * @param fromMs earliest prediction moment
   * @param toMs latest prediction moment, exclusive
   * @param options {@code algorithm}, {@code trials}, {@code seed}
   */
  record TrainingBody(
      @Nullable String reason,
      @Nullable Long fromMs,
      @Nullable Long toMs,
      @Nullable Map<String, Object> options) {}

  record Accepted(String runId) {}

  record Runs(List<RunRecord> runs) {}

  @PostMapping("/training")
  @ResponseStatus(HttpStatus.ACCEPTED)
  Accepted train(
      @PathVariable String app, @RequestBody(required = false) @Nullable TrainingBody body) {
    ApplicationDefinition definition = applications.require(app);
    if (definition.label() == null || definition.model() == null) {
      throw ProblemException.conflict(
          "application '" + app + "' declares no label and model, so there is nothing to train",
          List.of());
    }
    TrainingBody asked = body == null ? new TrainingBody(null, null, null, null) : body;
    Map<String, String> options = new TreeMap<>();
    if (asked.options() != null) {
      asked.options().forEach((name, value) -> options.put(name, String.valueOf(value)));
    }
    check(asked, options);
    TrainingRequested request =
        new TrainingRequested(
            app,
            UUID.randomUUID().toString(),
            "user",
            asked.reason() == null ? "asked for over HTTP" : asked.reason(),
            asked.fromMs(),
            asked.toMs(),
            options,
            clock.millis());
    publisher.publish(new Topics(app).training(), request.runId(), request, PUBLISH_TIMEOUT);
    return new Accepted(request.runId());
  }

  private void check(TrainingBody body, Map<String, String> options) {
    List<Violation> violations = new ArrayList<>();
    TrainingPlan.problems(options, learners)
        .forEach(
            (name, message) -> violations.add(new Violation("options." + name, "option", message)));
    if (body.fromMs() != null && body.toMs() != null && body.fromMs() >= body.toMs()) {
      violations.add(new Violation("toMs", "range", "toMs must be after fromMs"));
    }
    if (body.reason() != null && body.reason().length() > MAX_REASON) {
      violations.add(
          new Violation("reason", "length", "reason has at most " + MAX_REASON + " characters"));
    }
    if (!violations.isEmpty()) {
      throw ProblemException.invalid(violations.getFirst().message(), violations);
    }
  }

  @GetMapping("/runs")
  Runs list(@PathVariable String app, @RequestParam(defaultValue = "50") int limit) {
    applications.require(app);
    if (limit < 1 || limit > MAX_RUNS) {
      throw ProblemException.invalid("limit", "range", "must be 1 to " + MAX_RUNS);
    }
    return new Runs(runs.list(app, limit));
  }

  @GetMapping("/runs/{runId}")
  RunRecord run(@PathVariable String app, @PathVariable String runId) {
    applications.require(app);
    return runs.find(app, runId)
        .orElseThrow(
            () ->
                ProblemException.notFound(
                    "application '" + app + "' has no run '" + runId + "' that this trainer took"));
  }
}
