// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.profile.ProfileSummary;
import io.millrace.validator.data.EventFacts;
import io.millrace.validator.data.SchemaDiff;
import io.millrace.validator.data.SpanArchive;
import io.millrace.validator.data.SpanSchema;
import io.millrace.validator.data.SpanView;
import io.millrace.validator.report.SpanReport;
import io.millrace.validator.skew.SkewBook;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Verdicts on data and the schemas they were reached with. */
@RestController
@RequestMapping("/v1/applications/{app}")
public final class SpanController {
  private static final int MAX_LIMIT = 5_000;
  private static final int RETRY_AFTER_SECONDS = 2;

  private final ApplicationRegistry applications;
  private final SpanArchive archive;
  private final SkewBook skew;

  public SpanController(ApplicationRegistry applications, SpanArchive archive, SkewBook skew) {
    this.skew = skew;
    this.applications = applications;
    this.archive = archive;
  }

  /**
   * Verdicts of one event, or of all.
   *
   * @param verdicts oldest first
   * @param open event → spans that wait for their verdict
   * @param skew verdicts on skew of these events, in the order in which they came
   */
  public record Verdicts(
      List<DataVerdict> verdicts, Map<String, List<String>> open, List<SkewJudged> skew) {}

  /**
   * The schema of an event.
   *
   * @param versions every version, oldest first
   * @param latest the one in force
   * @param proposal what good spans would make of it; null while they keep to it, or as long as no
   *     person has decided on it, when they make the changes themselves
   * @param proposed how the proposal differs from the one in force
   */
  public record Schemas(
      String event,
      List<Version> versions,
      SpanSchema latest,
      @Nullable SpanSchema proposal,
      List<SchemaDiff> proposed) {}

  /** One version in short. */
  public record Version(
      int version,
      String learnedFrom,
      List<String> changes,
      SpanSchema.@Nullable Curation curation) {}

  /**
   * The figures of one span.
   *
   * @param columns by name
   */
  public record Statistics(
      String event, String span, long rows, Map<String, ProfileSummary> columns) {}

  /** What changed between two versions. */
  public record Diff(String event, int from, int to, List<SchemaDiff> changes) {}

  @GetMapping("/verdicts")
  Verdicts verdicts(
      @PathVariable String app,
      @RequestParam(required = false) @Nullable String event,
      @RequestParam(defaultValue = "1000") int limit) {
    ApplicationDefinition definition = applications.require(app);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw ProblemException.invalid("limit", "range", "must be within 1 and " + MAX_LIMIT);
    }
    Collection<String> events =
        event == null ? definition.events().keySet() : List.of(known(definition, event));
    List<DataVerdict> verdicts = new ArrayList<>();
    Map<String, List<String>> open = new LinkedHashMap<>();
    for (String each : events) {
      verdicts.addAll(read(() -> archive.verdicts(app, each, limit)));
      open.put(each, read(() -> archive.open(app, EventFacts.of(definition, each))));
    }
    return new Verdicts(
        verdicts,
        open,
        skew.of(app).stream().filter(each -> events.contains(each.event())).toList());
  }

  /** One span for a person to read. Self-contained; nothing in it runs. */
  @GetMapping(value = "/verdicts/{event}/{span}/report", produces = "text/html;charset=UTF-8")
  ResponseEntity<String> report(
      @PathVariable String app, @PathVariable String event, @PathVariable String span) {
    return ResponseEntity.ok()
        .header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        .body(SpanReport.html(view(app, event, span), skew.find(app, event, span).orElse(null)));
  }

  /** The figures of every column of one span, with the bounds of their errors. */
  @GetMapping("/verdicts/{event}/{span}/statistics")
  Statistics statistics(
      @PathVariable String app, @PathVariable String event, @PathVariable String span) {
    SpanView view = view(app, event, span);
    DatasetProfile statistics = view.statistics();
    if (view.verdict().rows() == 0) {
      throw ProblemException.notFound("'" + span + "' has no rows and so no statistics");
    }
    if (statistics == null) {
      throw ProblemException.notFound(
          "the statistics of '" + span + "' are no longer kept, only its verdict is");
    }
    return new Statistics(event, span, view.verdict().rows(), statistics.summaries());
  }

  private SpanView view(String app, String event, String span) {
    ApplicationDefinition definition = applications.require(app);
    EventFacts facts = EventFacts.of(definition, known(definition, event));
    try {
      return read(() -> archive.span(app, facts, span))
          .orElseThrow(
              () -> ProblemException.notFound("no verdict on '" + span + "' of '" + event + "'"));
    } catch (IllegalArgumentException e) {
      throw ProblemException.invalid("span", "identifier", String.valueOf(e.getMessage()));
    }
  }

  @GetMapping("/schemas/{event}")
  Schemas schemas(@PathVariable String app, @PathVariable String event) {
    known(applications.require(app), event);
    List<SpanSchema> all = read(() -> archive.schemas(app, event));
    if (all.isEmpty()) {
      throw ProblemException.notFound(
          "no schema of '" + event + "' yet: it is learned from the first good spans");
    }
    SpanSchema proposal = read(() -> archive.proposal(app, event)).orElse(null);
    return new Schemas(
        event,
        all.stream()
            .map(
                each ->
                    new Version(
                        each.version(), each.learnedFrom(), each.changes(), each.curation()))
            .toList(),
        all.getLast(),
        proposal,
        proposal == null ? List.of() : SchemaDiff.between(all.getLast(), proposal));
  }

  @GetMapping("/schemas/{event}/versions/{version}")
  SpanSchema schema(
      @PathVariable String app, @PathVariable String event, @PathVariable int version) {
    known(applications.require(app), event);
    return version(app, event, version);
  }

  @GetMapping("/schemas/{event}/diff")
  Diff diff(
      @PathVariable String app,
      @PathVariable String event,
      @RequestParam int from,
      @RequestParam int to) {
    known(applications.require(app), event);
    return new Diff(
        event, from, to, SchemaDiff.between(version(app, event, from), version(app, event, to)));
  }

  private SpanSchema version(String app, String event, int version) {
    return read(() -> archive.schema(app, event, version))
        .orElseThrow(
            () ->
                ProblemException.notFound(
                    "'" + event + "' has no version " + version + " of its schema"));
  }

  static String known(ApplicationDefinition definition, String event) {
    if (!definition.events().containsKey(event)) {
      throw ProblemException.notFound(
          "application '" + definition.name() + "' has no event '" + event + "'");
    }
    return event;
  }

  static <T> T read(Supplier<T> reader) {
    try {
      return reader.get();
    } catch (SpanArchive.ArchiveUnavailableException e) {
      throw ProblemException.unavailable(String.valueOf(e.getMessage()), RETRY_AFTER_SECONDS);
    }
  }
}
