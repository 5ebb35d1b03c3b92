// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import io.millrace.common.contract.Interval;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.trainer.learning.Evaluation;
import io.millrace.trainer.learning.RandomSearch;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The record of a run while it goes on; every change is saved. For one thread. */
final class RunLog {
  private final TrainingRequested request;
  private final RunStore store;
  private final RunMeter meter;
  private final InstantSource clock;
  private final List<RunRecord.Step> steps = new ArrayList<>();
  private final List<RandomSearch.Trial> trials = new ArrayList<>();
  private List<Interval> allowed = List.of();
  private RunRecord.@Nullable DatasetFacts dataset;
  private @Nullable String algorithm;
  private @Nullable Long seed;
  private Map<String, Double> parameters = new TreeMap<>();
  private Map<String, Evaluation> evaluations = new LinkedHashMap<>();

  RunLog(TrainingRequested request, RunStore store, RunMeter meter, InstantSource clock) {
    this.request = request;
    this.store = store;
    this.meter = meter;
    this.clock = clock;
  }

  /** Ends the step before and begins the next. */
  void step(RunState state) {
    closeStep();
    steps.add(new RunRecord.Step(state, clock.millis(), null, null));
    save(state);
  }

  /** Says how the current step goes. */
  void detail(String text) {
    RunRecord.Step now = steps.getLast();
    if (!text.equals(now.detail())) {
      steps.set(steps.size() - 1, new RunRecord.Step(now.state(), now.startedAtMs(), null, text));
      save(now.state());
    }
  }

  void allowed(List<Interval> intervals) {
    allowed = intervals;
  }

  void dataset(RunRecord.DatasetFacts facts) {
    dataset = facts;
  }

  void plan(String algorithmName, long seedValue) {
    algorithm = algorithmName;
    seed = seedValue;
  }

  void trial(RandomSearch.Trial trial) {
    trials.add(trial);
    save(RunState.TRAINING);
  }

  void result(Map<String, Double> finalParameters, Map<String, Evaluation> figures) {
    parameters = finalParameters;
    evaluations = figures;
  }

  RunRecord packaged(String version, @Nullable String sha256) {
    return end(RunState.PACKAGED, version, sha256, List.of());
  }

  RunRecord ended(RunState state, List<String> reasons) {
    return end(state, null, null, reasons);
  }

  private RunRecord end(
      RunState state, @Nullable String version, @Nullable String sha256, List<String> reasons) {
    closeStep();
    long now = clock.millis();
    RunRecord record = snapshot(state, now, version, sha256, reasons);
    store.save(record);
    meter.ended(state, now - request.requestedAtMs());
    return record;
  }

  private void closeStep() {
    if (!steps.isEmpty()) {
      RunRecord.Step open = steps.getLast();
      long now = clock.millis();
      steps.set(
          steps.size() - 1,
          new RunRecord.Step(open.state(), open.startedAtMs(), now, open.detail()));
      meter.step(open.state(), now - open.startedAtMs());
    }
  }

  private void save(RunState state) {
    store.save(snapshot(state, null, null, null, List.of()));
  }

  private RunRecord snapshot(
      RunState state,
      @Nullable Long endedAtMs,
      @Nullable String version,
      @Nullable String sha256,
      List<String> reasons) {
    return new RunRecord(
        request.app(),
        request.runId(),
        state,
        request.requestedBy(),
        request.reason(),
        request.fromMs(),
        request.toMs(),
        request.options(),
        request.requestedAtMs(),
        endedAtMs,
        steps,
        allowed,
        dataset,
        algorithm,
        seed,
        parameters,
        trials,
        evaluations,
        version,
        sha256,
        reasons);
  }
}
