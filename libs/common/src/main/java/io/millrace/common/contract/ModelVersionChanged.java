// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of a model version, on {@code <app>.models} (compacted). Key: version. Each record
 * holds the whole state; every writer keeps the transitions that it found.
 *
 * @param version counts from 1 within the application, as text
 * @param runId training run that made it; a refused run without a model has version {@code
 *     run-<id>}
 * @param algorithm engine and kind
 * @param datasetId dataset it was trained on
 * @param definitionVersion version of the application definition
 * @param packageSha256 digest of the package; absent for a run that produced none
 * @param packageUrl where to fetch it
 * @param metrics figure → value: the trainer's ({@code train.*}, {@code eval.*}) and the
 *     validator's ({@code gate.*}, {@code champion.*}, {@code baseline.*})
 * @param transitions history, oldest first; the last one's status is {@code status}
 */
public record ModelVersionChanged(
    String app,
    String version,
    Status status,
    String runId,
    String algorithm,
    @Nullable String datasetId,
    int definitionVersion,
    @Nullable String packageSha256,
    @Nullable String packageUrl,
    Map<String, Double> metrics,
    List<Transition> transitions) {
  /** Metric of a canary that holds its share of the requests, 0 to 1. */
  public static final String ROLLOUT_SHARE = "rollout.share";

  public ModelVersionChanged {
    metrics = Map.copyOf(metrics);
    transitions = List.copyOf(transitions);
  }

  /** Stage of a version: candidate → blessed or refused → shadow → canary → champion → retired. */
  public enum Status {
    /** Packaged by the trainer, not judged. */
    CANDIDATE,
    /** Passed every gate; may serve. */
    BLESSED,
    /** Failed a gate, or the run could not produce a model. */
    REFUSED,
    SHADOW,
    CANARY,
    /** Answers requests. */
    CHAMPION,
    /** Was champion. */
    RETIRED
  }

  /**
   * One step.
   *
   * @param by service
   * @param reasons every figure that decided it, for people
   */
  public record Transition(Status status, long atMs, String by, List<String> reasons) {
    public Transition {
      reasons = List.copyOf(reasons);
    }
  }

  /** Whether it has ever been champion. */
  public boolean wasChampion() {
    return transitions.stream().anyMatch(each -> each.status() == Status.CHAMPION);
  }

  /** This version in the next stage. */
  public ModelVersionChanged to(Status next, long atMs, String by, List<String> reasons) {
    List<Transition> history = new java.util.ArrayList<>(transitions);
    history.add(new Transition(next, atMs, by, reasons));
    return new ModelVersionChanged(
        app,
        version,
        next,
        runId,
        algorithm,
        datasetId,
        definitionVersion,
        packageSha256,
        packageUrl,
        metrics,
        history);
  }

  /** This version with more figures. */
  public ModelVersionChanged withMetrics(Map<String, Double> more) {
    Map<String, Double> all = new java.util.TreeMap<>(metrics);
    all.putAll(more);
    return new ModelVersionChanged(
        app,
        version,
        status,
        runId,
        algorithm,
        datasetId,
        definitionVersion,
        packageSha256,
        packageUrl,
        all,
        transitions);
  }
}
