// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.chassis.registry.UnknownApplicationException;
import io.millrace.common.application.ApplicationParser;
import io.millrace.common.application.ParsedApplication;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.ingest.application.ApplicationCatalogue;
import io.millrace.ingest.application.DefinitionsUnavailableException;
import io.millrace.ingest.intake.IntakeUnavailableException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Applications: put into force, shown, taken out of force. */
@RestController
public final class ApplicationsController {
  private static final int RETRY_AFTER_S = 3;

  private final ApplicationCatalogue catalogue;
  private final RegistryWatch watch;
  private final BodyReader bodies = new BodyReader(ApplicationParser.BYTES_MAX + 1);

  public ApplicationsController(ApplicationCatalogue catalogue, RegistryWatch watch) {
    this.catalogue = catalogue;
    this.watch = watch;
  }

  /**
   * An application in force.
   *
   * @param changed for an answer to a PUT: whether that is news
   */
  record Summary(
      String app,
      int version,
      String hash,
      long appliedAtMs,
      @Nullable String description,
      List<String> events,
      @Nullable Boolean changed) {
    static Summary of(ApplicationApplied applied, @Nullable Boolean changed) {
      return new Summary(
          applied.app(),
          applied.version(),
          applied.hash(),
          applied.appliedAtMs(),
          applied.definition().metadata().description(),
          List.copyOf(applied.definition().events().keySet()),
          changed);
    }
  }

  @PutMapping("/v1/applications/{app}")
  ResponseEntity<Summary> put(
      @PathVariable String app,
      @RequestParam(defaultValue = "false") boolean newVersion,
      HttpServletRequest request)
      throws IOException {
    bodies.reserve(request);
    ParsedApplication parsed = ApplicationParser.parse(bodies.read(request));
    switch (parsed) {
      case ParsedApplication.Invalid invalid ->
          throw ProblemException.invalid(
              invalid.problems().size() == 1
                  ? "The application has a problem: " + invalid.problems().getFirst()
                  : "The application has " + invalid.problems().size() + " problems.",
              invalid.problems().stream()
                  .map(each -> new Violation(each.path(), each.rule(), each.message()))
                  .toList());
      case ParsedApplication.Valid valid -> {
        if (!valid.definition().name().equals(app)) {
          throw ProblemException.invalid(
              "metadata.name",
              "name",
              "is '" + valid.definition().name() + "', the path says '" + app + "'");
        }
        return put(valid, newVersion);
      }
    }
  }

  private ResponseEntity<Summary> put(ParsedApplication.Valid valid, boolean newVersion) {
    ApplicationCatalogue.Outcome outcome =
        available(() -> catalogue.apply(valid.definition(), valid.hash(), newVersion));
    return switch (outcome) {
      case ApplicationCatalogue.Outcome.Breaking breaking ->
          throw ProblemException.conflict(
              "This would break what version %d accepted; ask for it with ?newVersion=true."
                  .formatted(breaking.inForce().version()),
              breaking.changes().stream()
                  .map(each -> new Violation(each.path(), each.rule(), each.message()))
                  .toList());
      case ApplicationCatalogue.Outcome.InForce inForce -> {
        watch.awaitVersion(inForce.applied().app(), inForce.applied().version());
        boolean created = inForce.changed() && inForce.applied().version() == 1;
        yield ResponseEntity.status(created ? 201 : 200)
            .body(Summary.of(inForce.applied(), inForce.changed()));
      }
    };
  }

  @GetMapping("/v1/applications")
  List<Summary> list() {
    return available(catalogue::all).values().stream().map(each -> Summary.of(each, null)).toList();
  }

  @GetMapping("/v1/applications/{app}")
  ApplicationApplied get(@PathVariable String app) {
    ApplicationApplied applied = available(() -> catalogue.find(app));
    if (applied == null) {
      throw new UnknownApplicationException(app);
    }
    return applied;
  }

  @DeleteMapping("/v1/applications/{app}")
  ResponseEntity<Void> delete(@PathVariable String app) {
    if (!available(() -> catalogue.delete(app))) {
      throw new UnknownApplicationException(app);
    }
    watch.awaitDeletion(app);
    return ResponseEntity.noContent().build();
  }

  @GetMapping("/v1/schemas/application.json")
  ResponseEntity<byte[]> schema() {
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType("application/schema+json"))
        .body(ApplicationParser.schema());
  }

  private static <T extends @Nullable Object> T available(Supplier<T> work) {
    try {
      return work.get();
    } catch (DefinitionsUnavailableException | IntakeUnavailableException e) {
      throw ProblemException.unavailable(e.getMessage() + ".", RETRY_AFTER_S);
    }
  }
}
