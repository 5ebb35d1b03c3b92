// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.stats.detector.CalibratedFourRates;
import io.millrace.stats.detector.DetectorState;
import io.millrace.stats.detector.Detectors;
import io.millrace.stats.detector.DriftDetector;
import io.millrace.stats.detector.HellingerDrift;
import io.millrace.stats.detector.LinearFourRates;
import io.millrace.stats.detector.MarginDensity;
import io.millrace.stats.detector.OutcomeDetector;
import io.millrace.stats.profile.DatasetProfile;
import java.util.ArrayList;
import java.util.List;

/** Any detector over a stream of outcomes; says at which it raises drift. Not thread-safe. */
interface Watch {
  /** Rows of a batch for detectors that compare batches. */
  int BATCH = 500;

  /** Whether this outcome raises drift. */
  boolean alarms(Outcome outcome);

  /** The names that {@link #of} knows. */
  static List<String> names() {
    List<String> names = new ArrayList<>(Detectors.names());
    names.addAll(
        List.of(
            CalibratedFourRates.NAME,
            LinearFourRates.NAME,
            MarginDensity.NAME,
            HellingerDrift.NAME));
    return names;
  }

  /**
   * A watch with default parameters.
   *
   * @param reference outcomes before the stream begins, for those that need to know the usual
   */
  static Watch of(String name, List<Outcome> reference) {
    return switch (name) {
      case CalibratedFourRates.NAME -> of(new CalibratedFourRates());
      case LinearFourRates.NAME -> of(new LinearFourRates());
      case MarginDensity.NAME -> margins(reference);
      case HellingerDrift.NAME -> batches();
      default -> of(Detectors.create(name));
    };
  }

  private static Watch of(DriftDetector detector) {
    return outcome -> detector.update(outcome.isWrong() ? 1 : 0) == DetectorState.DRIFT;
  }

  private static Watch of(OutcomeDetector detector) {
    return outcome -> detector.update(outcome.actual(), outcome.predicted()) == DetectorState.DRIFT;
  }

  private static Watch margins(List<Outcome> reference) {
    List<MarginDensity.Fold> folds = new ArrayList<>();
    for (int from = 0; from + BATCH <= reference.size(); from += BATCH) {
      double[] scores = new double[BATCH];
      boolean[] actual = new boolean[BATCH];
      for (int i = 0; i < BATCH; i++) {
        scores[i] = reference.get(from + i).score();
        actual[i] = reference.get(from + i).actual();
      }
      folds.add(new MarginDensity.Fold(scores, actual));
    }
    MarginDensity.Reference usual = MarginDensity.reference(folds, 0.5, 200);
    MarginDensity detector = new MarginDensity(usual);
    return outcome -> {
      detector.update(outcome.score());
      // Every label is known here, so a suspicion gets its answer at once.
      if (detector.label(!outcome.isWrong()) != DetectorState.DRIFT) {
        return false;
      }
      detector.restart(usual);
      return true;
    };
  }

  private static Watch batches() {
    HellingerDrift detector = new HellingerDrift();
    DatasetProfile[] batch = {new DatasetProfile()};
    return outcome -> {
      batch[0].update(outcome.inputs());
      if (batch[0].rows() < BATCH) {
        return false;
      }
      DetectorState state = detector.update(batch[0]);
      batch[0] = new DatasetProfile();
      return state == DetectorState.DRIFT;
    };
  }
}
