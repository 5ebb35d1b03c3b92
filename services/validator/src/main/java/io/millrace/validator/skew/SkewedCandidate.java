// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.skew;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.GatesDefinition;
import io.millrace.validator.model.CandidateTrial;
import io.millrace.validator.model.Evaluation.Check;
import io.millrace.validator.model.Evaluation.Outcome;
import io.millrace.validator.model.EvaluationRows;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The gate {@code skew}: a candidate is refused where it was trained on other values than those
 * that predictions of the same moments were made of. Thread-safe.
 */
public final class SkewedCandidate implements CandidateTrial.SkewGate {
  private static final String NAME = "skew";

  private final ServedVectors vectors;

  public SkewedCandidate(ServedVectors vectors) {
    this.vectors = vectors;
  }

  @Override
  public Optional<Check> check(
      ApplicationDefinition definition, String datasetId, EvaluationRows rows) {
    GatesDefinition.SkewGate gate = definition.gates() == null ? null : definition.gates().skew();
    if (gate == null) {
      return Optional.empty();
    }
    List<ServedVectors.Vector> served =
        vectors.last(
            definition.name(),
            new ServedVectors.Asked(null, Long.MIN_VALUE, Long.MAX_VALUE),
            SkewReview.MOST_VECTORS);
    SkewReport report =
        SkewReview.of(
            new SkewReview.Terms(
                definition.name(),
                datasetId,
                definition.modelInputs(),
                SkewReview.LABEL,
                gate.relativeTolerance(),
                Map.of()),
            rows.files(),
            served);
    if (report.joined() < gate.leastRows()) {
      return Optional.of(
          new Check(
              NAME,
              Outcome.INCONCLUSIVE,
              "%d of %d predictions are among the training rows, at least %d are needed"
                  .formatted(report.joined(), report.servedRows(), gate.leastRows())));
    }
    boolean passed = report.mismatchedRows() <= gate.shareAllowed() * report.joined();
    return Optional.of(
        new Check(
            NAME,
            passed ? Outcome.PASSED : Outcome.FAILED,
            SkewSchedule.words(report, gate.shareAllowed())));
  }
}
