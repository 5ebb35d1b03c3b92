// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import io.millrace.common.contract.Interval;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.trainer.learning.Evaluation;
import io.millrace.trainer.learning.RandomSearch;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a training run; kept on disk and served over HTTP.
 *
 * @param fromMs earliest prediction moment asked for
 * @param toMs latest prediction moment asked for, exclusive
 * @param options what the request overrides
 * @param steps what was done and when, oldest first
 * @param allowed intervals of moments whose data is good
 * @param dataset what was trained on
 * @param algorithm learner
 * @param seed of everything random
 * @param parameters those of the final fit
 * @param trials the search, in order, with the losses of each step
 * @param evaluations {@code model}, {@code majority} and each heuristic on the evaluation rows
 * @param version the model version that came out
 * @param packageSha256 digest of its package
 * @param reasons why there is none
 */
public record RunRecord(
    String app,
    String runId,
    RunState state,
    String requestedBy,
    String reason,
    @Nullable Long fromMs,
    @Nullable Long toMs,
    Map<String, String> options,
    long requestedAtMs,
    @Nullable Long endedAtMs,
    List<Step> steps,
    List<Interval> allowed,
    @Nullable DatasetFacts dataset,
    @Nullable String algorithm,
    @Nullable Long seed,
    Map<String, Double> parameters,
    List<RandomSearch.Trial> trials,
    Map<String, Evaluation> evaluations,
    @Nullable String version,
    @Nullable String packageSha256,
    List<String> reasons) {
  public RunRecord {
    options = Map.copyOf(options);
    steps = List.copyOf(steps);
    allowed = List.copyOf(allowed);
    parameters = Map.copyOf(parameters);
    trials = List.copyOf(trials);
    evaluations = Map.copyOf(evaluations);
    reasons = List.copyOf(reasons);
  }

  /** The record of a request that waits for its turn. */
  public static RunRecord queued(TrainingRequested request) {
    return new RunRecord(
        request.app(),
        request.runId(),
        RunState.QUEUED,
        request.requestedBy(),
        request.reason(),
        request.fromMs(),
        request.toMs(),
        request.options(),
        request.requestedAtMs(),
        null,
        List.of(),
        List.of(),
        null,
        null,
        null,
        Map.of(),
        List.of(),
        Map.of(),
        null,
        null,
        List.of());
  }

  /**
   * One step of a run.
   *
   * @param endedAtMs absent while it goes on
   * @param detail for people
   */
  public record Step(
      RunState state, long startedAtMs, @Nullable Long endedAtMs, @Nullable String detail) {}

  /** The dataset of a run. */
  public record DatasetFacts(
      String id,
      String contentHash,
      long rows,
      long trainRows,
      long evalRows,
      long fromMs,
      long toMs,
      double positiveShare) {}
}
