// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the judge found of a candidate, whole.
 *
 * @param blessed whether every check that applies has passed
 * @param checks in the order in which they were made
 * @param slices by column, the largest first
 * @param figures every figure by name
 * @param champion version that it was held against; null without one
 * @param classes the label's classes at every stage of the making of its rows; null where it was
 *     refused before they were looked at
 */
public record Evaluation(
    String app,
    String version,
    boolean blessed,
    List<Check> checks,
    List<Slice> slices,
    Map<String, Double> figures,
    @Nullable String champion,
    long judgedAtMs,
    @Nullable ClassReport classes) {
  public Evaluation {
    checks = List.copyOf(checks);
    slices = List.copyOf(slices);
    figures = Collections.unmodifiableMap(new TreeMap<>(figures));
  }

  /** How a check ended. */
  public enum Outcome {
    PASSED,
    FAILED,
    /** Too few rows to say. */
    INCONCLUSIVE,
    /** Does not apply, for example because there is no champion. */
    NOT_APPLIED
  }

  /**
   * One check.
   *
   * @param message with every figure that decided it
   */
  public record Check(String name, Outcome outcome, String message) {}

  /**
   * One slice of the held-out rows.
   *
   * @param auc area under the ROC curve; null where a class is absent
   * @param championAuc the champion's on the same rows
   */
  public record Slice(
      String column,
      String value,
      long rows,
      long positives,
      @Nullable Double auc,
      @Nullable Double low,
      @Nullable Double high,
      @Nullable Double championAuc,
      Outcome outcome) {}

  /** The reasons of the transition: failures first. */
  public List<String> reasons() {
    List<String> reasons = new java.util.ArrayList<>();
    for (Outcome outcome :
        List.of(Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.PASSED, Outcome.NOT_APPLIED)) {
      checks.stream()
          .filter(check -> check.outcome() == outcome)
          .forEach(check -> reasons.add(outcome + " " + check.name() + ": " + check.message()));
    }
    return reasons;
  }
}
