// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.monitor.drift.DriftFinding;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What is said of a drift to people: how urgent, why, and what to do. */
final class DriftWords {
  /** Tests of how inputs go together. */
  private static final Set<String> TOGETHER =
      Set.of("pairwise_correlation", "classifier_two_sample", "triple_product");

  private DriftWords() {}

  /**
   * @param qualityHolds whether outcomes show that the model is as good as before
   */
  static String severity(DriftFinding finding, boolean qualityHolds) {
    if (finding.kind() == Kind.CONCEPT || finding.unitChange()) {
      return inASlice(finding) ? "ticket" : "page";
    }
    return finding.kind() == Kind.DATA && !qualityHolds ? "ticket" : "note";
  }

  private static boolean inASlice(DriftFinding finding) {
    return finding.subject().endsWith("]");
  }

  static String cause(DriftFinding finding) {
    return switch (finding.kind()) {
      case CONCEPT ->
          inASlice(finding)
              ? finding.subject() + ": the model predicts worse there: " + finding.effect()
              : "the model predicts worse than in its first window: " + finding.effect();
      case DATA -> data(finding);
      case PREDICTION -> "scores are distributed unlike before: " + finding.effect();
      case LABEL -> "the label moved: " + finding.effect();
    };
  }

  private static String data(DriftFinding finding) {
    if (finding.unitChange()) {
      return finding.subject() + " looks as if its unit had changed: " + finding.effect();
    }
    if (TOGETHER.contains(finding.test())) {
      return "inputs go together differently, each alone may look the same: " + finding.effect();
    }
    return finding.subject() + " is distributed unlike before: " + finding.effect();
  }

  static String action(DriftFinding finding, boolean qualityHolds) {
    if (finding.unitChange()) {
      return "ask the producer of the field; do not retrain on it: the data verdicts hold its spans"
          + " back";
    }
    return switch (finding.kind()) {
      case CONCEPT ->
          inASlice(finding)
              ? "look at the slice: no training run is asked for while the model as a whole holds"
              : "a training run on the rows since then is asked for once there are enough";
      case DATA ->
          qualityHolds
              ? "none, it is recorded: the outcomes show no loss of quality"
              : "check the source; no action needed while quality holds";
      case PREDICTION, LABEL -> "look at the outcomes of the same time";
    };
  }

  static Map<String, String> evidence(DriftDetected drift) {
    Map<String, String> evidence = new TreeMap<>();
    evidence.put("test", drift.test());
    evidence.put("statistic", Double.toString(drift.statistic()));
    evidence.put("threshold", Double.toString(drift.threshold()));
    evidence.put("pValue", String.valueOf(drift.pValue()));
    evidence.put("modelVersion", drift.modelVersion());
    evidence.put("windowStartMs", Long.toString(drift.windowStartMs()));
    evidence.put("windowEndMs", Long.toString(drift.windowEndMs()));
    evidence.put("rows", Long.toString(drift.rows()));
    Long from = drift.onsetFromMs();
    Long to = drift.onsetToMs();
    if (from != null && to != null) {
      evidence.put("onsetFromMs", from.toString());
      evidence.put("onsetToMs", to.toString());
    }
    return evidence;
  }
}
