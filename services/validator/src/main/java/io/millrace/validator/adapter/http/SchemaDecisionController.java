// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.topic.Topics;
import io.millrace.validator.data.SchemaCuration;
import io.millrace.validator.data.SpanArchive;
import io.millrace.validator.data.SpanSchema;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Takes people's decisions about schemas. What is accepted here is durable on a topic; the place
 * that judges the spans puts it into force, and judges the last bad spans again.
 */
@RestController
@RequestMapping("/v1/applications/{app}/schemas/{event}/decisions")
public final class SchemaDecisionController {
  private static final Duration PUBLISH_TIMEOUT = Duration.ofSeconds(10);

  private final ApplicationRegistry applications;
  private final SpanArchive archive;
  private final Publisher publisher;
  private final InstantSource clock;

  public SchemaDecisionController(
      ApplicationRegistry applications,
      SpanArchive archive,
      Publisher publisher,
      InstantSource clock) {
    this.applications = applications;
    this.archive = archive;
    this.publisher = publisher;
    this.clock = clock;
  }

  /**
   * A decision.
   *
   * @param version version to take; absent takes what is proposed, or the one in force
   * @param edits changes on top of it; absent for none
   * @param defaultEnvironment environments of columns that say nothing; absent leaves it
   * @param by who decides
   * @param reason for people
   */
  public record Body(
      @Nullable Integer version,
      @Nullable List<Edit> edits,
      @Nullable List<String> defaultEnvironment,
      @Nullable String by,
      @Nullable String reason) {}

  /** A change to one column; what is absent stays. See {@link SchemaDecided.Edit}. */
  public record Edit(
      @Nullable String column,
      @Nullable Boolean drop,
      @Nullable String type,
      @Nullable Double maxMissingShare,
      @Nullable List<String> domain,
      @Nullable Double low,
      @Nullable Double high,
      @Nullable ColumnRules rules) {}

  @PostMapping
  ResponseEntity<SchemaDecided> decide(
      @PathVariable String app, @PathVariable String event, @RequestBody Body body) {
    SpanController.known(applications.require(app), event);
    int version = body.version() == null ? 0 : body.version();
    List<Edit> edits = body.edits() == null ? List.of() : body.edits();
    SchemaDecided decided =
        new SchemaDecided(
            app,
            event,
            version,
            edits.stream().map(SchemaDecisionController::edit).toList(),
            body.defaultEnvironment(),
            body.by() == null ? "" : body.by(),
            body.reason() == null ? "" : body.reason(),
            clock.millis());
    List<Violation> violations =
        new ArrayList<>(
            SchemaCuration.problems(base(app, event, version), decided).stream()
                .map(each -> new Violation(each.path(), each.rule(), each.message()))
                .toList());
    if (!violations.isEmpty()) {
      throw ProblemException.invalid("the decision cannot be taken as it is", violations);
    }
    publisher.publish(new Topics(app).schemaDecisions(), event, decided, PUBLISH_TIMEOUT);
    return ResponseEntity.accepted()
        .location(URI.create("/v1/applications/" + app + "/schemas/" + event))
        .body(decided);
  }

  private SpanSchema base(String app, String event, int version) {
    if (version != 0) {
      return SpanController.read(() -> archive.schema(app, event, version))
          .orElseThrow(
              () ->
                  ProblemException.invalid(
                      "version", "exists", "'" + event + "' has no schema version " + version));
    }
    Optional<SpanSchema> proposed = SpanController.read(() -> archive.proposal(app, event));
    if (proposed.isPresent()) {
      return proposed.get();
    }
    List<SpanSchema> all = SpanController.read(() -> archive.schemas(app, event));
    if (all.isEmpty()) {
      throw ProblemException.conflict(
          "no schema of '" + event + "' yet: it is learned from the first good spans", List.of());
    }
    return all.getLast();
  }

  private static SchemaDecided.Edit edit(Edit edit) {
    return new SchemaDecided.Edit(
        edit.column() == null ? "" : edit.column(),
        Boolean.TRUE.equals(edit.drop()),
        edit.type(),
        edit.maxMissingShare(),
        edit.domain(),
        edit.low(),
        edit.high(),
        edit.rules());
  }
}
