// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.skew;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.contract.SkewJudged.Status;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.common.definition.ValidationDefinition;
import io.millrace.datasets.DatasetException;
import io.millrace.validator.skew.SkewReport.FeatureSkew;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares the predictions of closed spans with the training rows of the same moments, as often as
 * the application asks. A span can be compared once another span has closed that ends after its
 * labels are known. Where several can, the newest is taken: what falls behind is left out, so that
 * the work never piles up. Not thread-safe.
 */
public final class SkewSchedule {
  private static final int MOST_FEATURES = 20;
  private static final int MOST_PREDICTIONS = 3;

  private final ServedVectors vectors;
  private final SpanRows rows;
  private final SkewThresholds thresholds;
  private final SkewBook book;
  private final InstantSource clock;

  /** Application → end of the newest span of which there were no predictions. */
  private final Map<String, Long> nothingServed = new HashMap<>();

  public SkewSchedule(
      ServedVectors vectors,
      SpanRows rows,
      SkewThresholds thresholds,
      SkewBook book,
      InstantSource clock) {
    this.vectors = vectors;
    this.rows = rows;
    this.thresholds = thresholds;
    this.book = book;
    this.clock = clock;
  }

  /**
   * Compares the span that is due, if one is, and puts the verdict into the book.
   *
   * @param verdicts the last data verdicts of the deciding event
   * @throws io.millrace.validator.model.CandidateTrial.UnavailableException where a service that is
   *     needed does not answer: it is due again
   */
  public Optional<SkewJudged> compare(
      ApplicationDefinition definition, List<DataVerdict> verdicts) {
    ValidationDefinition validation = definition.validation();
    LabelDefinition label = definition.label();
    if (validation == null || validation.skew() == null || label == null) {
      return Optional.empty();
    }
    DataVerdict span = due(definition.name(), label, validation.skew(), verdicts).orElse(null);
    if (span == null) {
      return Optional.empty();
    }
    List<ServedVectors.Vector> served =
        vectors.last(
            definition.name(),
            new ServedVectors.Asked(null, span.startMs(), span.endMs()),
            SkewReview.MOST_VECTORS);
    if (served.isEmpty()) {
      nothingServed.put(definition.name(), span.endMs());
      return Optional.empty();
    }
    SkewJudged judged = judge(definition, validation.skew(), span, served);
    book.accept(judged);
    return Optional.of(judged);
  }

  private Optional<DataVerdict> due(
      String app, LabelDefinition label, ValidationDefinition.Skew terms, List<DataVerdict> all) {
    long labelMs = label.positive() == null ? 0 : label.positive().withinDuration().toMillis();
    long newest = all.stream().mapToLong(DataVerdict::endMs).max().orElse(Long.MIN_VALUE);
    long before =
        Math.max(
            nothingServed.getOrDefault(app, Long.MIN_VALUE),
            book.of(app).stream()
                .filter(each -> each.event().equals(label.decidedAt()))
                .mapToLong(SkewJudged::endMs)
                .max()
                .orElse(Long.MIN_VALUE));
    List<DataVerdict> since =
        all.stream()
            .filter(each -> each.rows() > 0)
            .filter(each -> each.endMs() > before && each.endMs() <= newest - labelMs)
            .sorted(Comparator.comparingLong(DataVerdict::endMs))
            .toList();
    return since.size() < terms.every() ? Optional.empty() : Optional.of(since.getLast());
  }

  private SkewJudged judge(
      ApplicationDefinition definition,
      ValidationDefinition.Skew terms,
      DataVerdict span,
      List<ServedVectors.Vector> served) {
    try {
      SpanRows.Built built = rows.build(definition.name(), span.startMs(), span.endMs());
      SkewReport report =
          SkewReview.of(
              new SkewReview.Terms(
                  definition.name(),
                  built.datasetId(),
                  definition.modelInputs(),
                  SkewReview.LABEL,
                  terms.relativeTolerance(),
                  thresholds.of(definition)),
              built.files(),
              served);
      return judged(span, report, terms.shareAllowed());
    } catch (DatasetException e) {
      return verdict(span, served.size(), null, Status.INCONCLUSIVE, List.of("" + e.getMessage()));
    }
  }

  private SkewJudged judged(DataVerdict span, SkewReport report, double allowed) {
    List<String> reasons = new ArrayList<>();
    boolean values = report.mismatchedRows() > allowed * report.joined();
    if (values) {
      reasons.add(words(report, allowed));
    }
    report.schema().stream()
        .filter(each -> each.severity().equals("ERROR"))
        .forEach(each -> reasons.add(each.message()));
    Status status = Status.SKEWED;
    if (reasons.isEmpty()) {
      status = report.joined() == 0 ? Status.INCONCLUSIVE : Status.ALIKE;
      reasons.addAll(report.notes());
    }
    return verdict(span, report.servedRows(), report, status, reasons);
  }

  /** How many predictions were made of other values, and of which. */
  static String words(SkewReport report, double allowed) {
    FeatureSkew worst = report.features().getFirst();
    String example =
        worst.differences().isEmpty()
            ? ""
            : ", such as %s of %s for %s"
                .formatted(
                    worst.differences().getFirst().predictionId(),
                    worst.differences().getFirst().served(),
                    worst.differences().getFirst().trained());
    return String.format(
        Locale.ROOT,
        "%d of %d predictions were made of other values than training has (%.2f %%, at most %.2f"
            + " %%): %s differs in %d%s",
        report.mismatchedRows(),
        report.joined(),
        100.0 * report.mismatchedRows() / Math.max(1, report.joined()),
        100 * allowed,
        worst.feature(),
        worst.differing(),
        example);
  }

  private SkewJudged verdict(
      DataVerdict span,
      long servedRows,
      @Nullable SkewReport report,
      Status status,
      List<String> reasons) {
    List<SkewJudged.Feature> features =
        report == null
            ? List.of()
            : report.features().stream()
                .filter(each -> each.differing() > 0)
                .limit(MOST_FEATURES)
                .map(
                    each ->
                        new SkewJudged.Feature(
                            each.feature(),
                            each.compared(),
                            each.differing(),
                            each.largestDifference(),
                            each.predictions().stream().limit(MOST_PREDICTIONS).toList()))
                .toList();
    return new SkewJudged(
        span.app(),
        span.event(),
        span.span(),
        span.startMs(),
        span.endMs(),
        report == null ? null : report.datasetId(),
        report == null ? 0 : report.trainingRows(),
        servedRows,
        report == null ? 0 : report.joined(),
        report == null ? 0 : report.mismatchedRows(),
        status,
        reasons,
        features,
        report == null ? List.of() : report.schema(),
        clock.millis());
  }
}
