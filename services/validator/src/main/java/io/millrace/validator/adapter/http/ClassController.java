// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.datasets.ClassStage;
import io.millrace.stats.profile.ClassBalance;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.validator.data.EventFacts;
import io.millrace.validator.data.SpanArchive;
import io.millrace.validator.model.ClassReport;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The classes of a column of accepted events, from the statistics of its spans: no row is read. */
@RestController
@RequestMapping("/v1/applications/{app}")
public final class ClassController {
  private static final int MAX_SPANS = 1_000;

  private final ApplicationRegistry applications;
  private final SpanArchive archive;

  public ClassController(ApplicationRegistry applications, SpanArchive archive) {
    this.applications = applications;
    this.archive = archive;
  }

  /**
   * The classes before and after bad spans are left out.
   *
   * @param spans judged spans whose statistics are still kept
   * @param bad of them, those that may not be used
   * @param missing rows without a value
   */
  public record Classes(
      String event,
      String column,
      int spans,
      int bad,
      long missing,
      List<ClassReport.Stage> stages) {}

  @GetMapping("/classes/{event}/{column}")
  Classes classes(
      @PathVariable String app, @PathVariable String event, @PathVariable String column) {
    ApplicationDefinition definition = applications.require(app);
    EventFacts facts = EventFacts.of(definition, SpanController.known(definition, event));
    ColumnProfile all = new ColumnProfile();
    ColumnProfile good = new ColumnProfile();
    int spans = 0;
    int bad = 0;
    for (DataVerdict verdict : SpanController.read(() -> archive.verdicts(app, event, MAX_SPANS))) {
      ColumnProfile found =
          SpanController.read(() -> archive.statistics(app, facts, verdict.span()))
              .map(columns -> columns.columns().get(column))
              .orElse(null);
      if (found != null) {
        spans++;
        all.merge(found);
        if (verdict.status() == DataVerdict.Status.GOOD) {
          good.merge(found);
        } else {
          bad++;
        }
      }
    }
    if (spans == 0) {
      throw ProblemException.notFound(
          "no judged span of '%s' whose statistics are kept has a column '%s'"
              .formatted(event, column));
    }
    ClassBalance balance =
        ClassBalance.of(all, ClassStage.MOST_CLASSES)
            .orElseThrow(
                () ->
                    ProblemException.invalid(
                        "column",
                        "classes",
                        "'%s' has no value or more than %d different ones: it is no label"
                            .formatted(column, ClassStage.MOST_CLASSES)));
    ClassReport.Stage collected = ClassReport.first(ClassStage.COLLECTED, balance.counts());
    return new Classes(
        event,
        column,
        spans,
        bad,
        all.missing(),
        List.of(
            collected,
            ClassReport.chosen(ClassStage.ALLOWED, collected, counts(balance, good), null, false)));
  }

  /** Classes that are gone count as empty. */
  private static Map<String, Long> counts(ClassBalance all, ColumnProfile good) {
    Map<String, Long> counts = new TreeMap<>();
    all.counts().keySet().forEach(name -> counts.put(name, 0L));
    ClassBalance.of(good, ClassStage.MOST_CLASSES)
        .ifPresent(balance -> counts.putAll(balance.counts()));
    return counts;
  }
}
