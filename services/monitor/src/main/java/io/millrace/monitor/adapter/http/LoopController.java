// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.registry.UnknownApplicationException;
import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.monitor.drift.DriftFinding;
import io.millrace.monitor.loop.ApplicationMonitor;
import io.millrace.monitor.loop.DrillDown;
import io.millrace.monitor.loop.LoopView;
import io.millrace.monitor.loop.Timeline;
import io.millrace.monitor.performance.LabelBook;
import io.millrace.monitor.performance.VersionPerformance;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The loop of an application as JSON, and the promotion of a version by hand. */
@RestController
@RequestMapping("/v1/applications")
public final class LoopController {
  private static final int RETRY_AFTER_SECONDS = 5;

  private final Function<String, Optional<ApplicationMonitor>> monitors;
  private final Supplier<Set<String>> names;
  private final ServiceFigures figures;

  public LoopController(
      Function<String, Optional<ApplicationMonitor>> monitors,
      Supplier<Set<String>> names,
      ServiceFigures figures) {
    this.monitors = monitors;
    this.names = names;
    this.figures = figures;
  }

  record Loop(LoopView loop, Map<String, JsonNode> services) {}

  record Drift(List<DriftDetected> drifts, List<DriftFinding> lastLooks) {}

  record Promotion(@Nullable String reason) {}

  @GetMapping
  Set<String> applications() {
    return names.get();
  }

  @GetMapping("/{app}/loop")
  Loop loop(@PathVariable String app) {
    return new Loop(monitor(app).view(), figures.of(app));
  }

  @GetMapping("/{app}/performance")
  List<VersionPerformance.Summary> performance(@PathVariable String app) {
    return monitor(app).view().performance();
  }

  @GetMapping("/{app}/drift")
  Drift drift(@PathVariable String app) {
    LoopView view = monitor(app).view();
    return new Drift(view.drifts(), view.lastLooks());
  }

  /** Why: one subject's course, onset, bins and surroundings. */
  @GetMapping("/{app}/drift/drill-down")
  DrillDown drillDown(@PathVariable String app, @RequestParam String subject) {
    return monitor(app)
        .drillDown(subject)
        .orElseThrow(
            () ->
                ProblemException.notFound(
                    "'" + subject + "' has not been looked at in application " + app));
  }

  /** Balance, provenance and delays of the labels, and how many negatives were premature. */
  @GetMapping("/{app}/labels")
  LabelBook.Report labels(@PathVariable String app) {
    return monitor(app).view().labels();
  }

  @GetMapping("/{app}/alerts")
  List<AlertRaised> alerts(@PathVariable String app) {
    return monitor(app).view().alerts();
  }

  @GetMapping("/{app}/timeline")
  List<Timeline.Entry> timeline(@PathVariable String app) {
    return monitor(app).view().timeline();
  }

  /** Makes a blessed (or formerly serving) version the champion: promotion and rollback by hand. */
  @PostMapping("/{app}/models/{version}/promotion")
  ModelVersionChanged promote(
      @PathVariable String app,
      @PathVariable String version,
      @RequestBody(required = false) @Nullable Promotion promotion) {
    String reason =
        promotion == null || promotion.reason() == null
            ? "promoted by hand"
            : "promoted by hand: " + promotion.reason();
    ModelVersionChanged state =
        monitor(app)
            .promote(version, reason)
            .orElseThrow(
                () ->
                    ProblemException.notFound(
                        "application " + app + " has no version '" + version + "'"));
    if (!ApplicationMonitor.mayServe(state)) {
      throw ProblemException.conflict(
          "version " + version + " was never blessed; its status is " + state.status(), List.of());
    }
    if (monitor(app).view().unpublished() > 0) {
      throw ProblemException.unavailable(
          "the promotion waits: its topic does not take it now", RETRY_AFTER_SECONDS);
    }
    return state;
  }

  private ApplicationMonitor monitor(String app) {
    return monitors.apply(app).orElseThrow(() -> new UnknownApplicationException(app));
  }
}
