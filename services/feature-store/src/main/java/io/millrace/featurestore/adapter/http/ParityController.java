// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.parity.ParityCheck;
import io.millrace.featurestore.parity.ParityMeter;
import io.millrace.featurestore.parity.ParityReport;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.ServingGenerations;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Whether what is served equals what history gives: as it is measured, and for given vectors. */
@RestController
@RequestMapping("/v1/applications/{app}/parity")
public final class ParityController {
  private static final int VECTORS_MAX = 10_000;
  private static final int RETRY_S = 1;

  private final ApplicationRegistry registry;
  private final ServingGenerations serving;
  private final ParityCheck check;
  private final ParityMeter meter;
  private final ParityCheck.Settled settled;

  public ParityController(
      ApplicationRegistry registry,
      ServingGenerations serving,
      ParityCheck check,
      ParityMeter meter,
      ParityCheck.Settled settled) {
    this.settled = settled;
    this.registry = registry;
    this.serving = serving;
    this.check = check;
    this.meter = meter;
  }

  @GetMapping
  ParityReport report(@PathVariable String app) {
    registry.require(app);
    return meter.report(app);
  }

  record ParityRequest(@Nullable List<ParityCheck.Served> vectors) {}

  record ParityAnswer(int vectors, int equal, List<ParityVector> results) {}

  record ParityVector(boolean equal, List<ParityCheck.Mismatch> mismatches) {}

  @PostMapping
  ParityAnswer check(@PathVariable String app, @RequestBody ParityRequest request)
      throws InterruptedException {
    registry.require(app);
    Generation generation =
        serving
            .find(app)
            .orElseThrow(
                () ->
                    ProblemException.unavailable(
                        "application '" + app + "' is being started", RETRY_S));
    List<ParityCheck.Served> vectors = request.vectors() == null ? List.of() : request.vectors();
    if (vectors.size() > VECTORS_MAX) {
      throw ProblemException.invalid(
          "vectors",
          List.of(new Violation("vectors", "size", "send at most " + VECTORS_MAX + " vectors")));
    }
    for (int i = 0; i < vectors.size(); i++) {
      ParityCheck.Served vector = vectors.get(i);
      if (vector.states() == null
          || vector.features() == null
          || vector.states().keySet().stream().anyMatch(state -> state.indexOf(':') < 1)) {
        throw ProblemException.invalid(
            "vectors",
            List.of(
                new Violation(
                    "vectors[" + i + "]",
                    "form",
                    "a vector has states {\"view:key\": version}, momentMs and features")));
      }
    }
    try {
      List<List<ParityCheck.Mismatch>> found = check.check(generation, vectors, this::settle);
      int equal = (int) found.stream().filter(List::isEmpty).count();
      return new ParityAnswer(
          vectors.size(),
          equal,
          found.stream().map(each -> new ParityVector(each.isEmpty(), each)).toList());
    } catch (StoreUnavailableException e) {
      throw ProblemException.unavailable(String.valueOf(e.getMessage()), RETRY_S);
    }
  }

  private void settle(String app) throws InterruptedException {
    try {
      settled.await(app);
    } catch (IllegalStateException e) {
      throw new StoreUnavailableException(String.valueOf(e.getMessage()), e);
    }
  }
}
