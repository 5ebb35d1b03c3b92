// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.retraining;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.Durations;
import io.millrace.common.definition.MonitorDefinition;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * When to ask for a training run: for the first model once enough labels exist, and after a concept
 * drift once enough labels exist <em>since the drift began</em>; never two runs at a time, never
 * more often than declared. A run that was refused (say, because the data since then is bad) is
 * asked for again only after as many new labels, and at most {@value #ATTEMPTS_MAX} times per
 * cause. Run ids follow from the cause, so that asking twice is asking once. What comes from topics
 * may come in any order, as it does after a restart: a drift that a later champion settled stays
 * settled, and attempts are counted by the requests that stand on the topic. Not thread-safe.
 */
public final class RetrainingPolicy {
  /** Most runs asked for because of one drift, or for the first model. */
  public static final int ATTEMPTS_MAX = 3;

  private static final long DEFAULT_MINIMUM_ROWS = 1_000;

  /** Labels are counted per quarter of an hour of event time. */
  private static final long BUCKET_MS = 15 * 60_000L;

  private static final int BUCKETS_MAX = 40_000;

  private final String app;
  private final boolean onDrift;
  private final boolean onFirstData;
  private final long minimumRows;
  private final Duration atMostEvery;
  private final TreeMap<Long, Long> labelsByMoment = new TreeMap<>();
  private final Map<String, TrainingRequested> requests = new HashMap<>();
  private final Set<String> finishedRuns = new HashSet<>();
  private long labels;
  private long streamTimeMs = Long.MIN_VALUE;
  private long lastRequestStreamTimeMs = Long.MIN_VALUE;
  private long labelsAtLastRequest;
  private boolean anyVersion;
  private @Nullable Drift drift;
  private long settledAtMs = Long.MIN_VALUE;

  private record Drift(long startMs, String reason, long detectedAtMs) {}

  public RetrainingPolicy(String app, @Nullable MonitorDefinition definition) {
    MonitorDefinition.Retrain retrain = definition == null ? null : definition.retrain();
    this.app = app;
    this.onDrift = retrain == null || !Boolean.FALSE.equals(retrain.onDrift());
    this.onFirstData = retrain != null && Boolean.TRUE.equals(retrain.onFirstData());
    this.minimumRows =
        retrain == null || retrain.minimumRows() == null
            ? DEFAULT_MINIMUM_ROWS
            : retrain.minimumRows();
    this.atMostEvery =
        retrain == null || retrain.atMostEvery() == null
            ? Duration.ZERO
            : Durations.parse(retrain.atMostEvery());
  }

  /** A label of a moment; first revisions only. */
  public void labelled(long momentMs) {
    labels++;
    streamTimeMs = Math.max(streamTimeMs, momentMs);
    labelsByMoment.merge(Math.floorDiv(momentMs, BUCKET_MS), 1L, Long::sum);
    if (labelsByMoment.size() > BUCKETS_MAX) {
      labelsByMoment.pollFirstEntry();
    }
  }

  /** A training request on the topic, ours or somebody else's. */
  public void requested(TrainingRequested request) {
    boolean again = requests.put(request.runId(), request) != null;
    if (again) {
      return;
    }
    lastRequestStreamTimeMs = streamTimeMs;
    labelsAtLastRequest = labels;
  }

  /**
   * Everything that stood on the topics has been told. How many labels there were at a request of
   * before is not known any more; counting from now waits a little longer rather than asking too
   * early.
   */
  public void live() {
    if (!requests.isEmpty()) {
      lastRequestStreamTimeMs = streamTimeMs;
      labelsAtLastRequest = labels;
    }
  }

  /** A state of a model version: its run is over. */
  public void version(ModelVersionChanged version) {
    anyVersion |= version.packageSha256() != null;
    finishedRuns.add(version.runId());
  }

  /**
   * Concept drift began.
   *
   * @param detectedAtMs wall clock
   */
  public void drifted(long startMs, String reason, long detectedAtMs) {
    if (detectedAtMs > settledAtMs && (drift == null || detectedAtMs < drift.detectedAtMs())) {
      drift = new Drift(startMs, reason, detectedAtMs);
    }
  }

  /**
   * A new champion serves, or quality is back: the drifts before are over.
   *
   * @param atMs wall clock
   */
  public void settled(long atMs) {
    settledAtMs = Math.max(settledAtMs, atMs);
    if (drift != null && drift.detectedAtMs() <= settledAtMs) {
      drift = null;
    }
  }

  /** What to ask for now, if anything. */
  public Optional<TrainingRequested> due(long nowMs) {
    if (isRunning()) {
      return Optional.empty();
    }
    if (!anyVersion) {
      return onFirstData ? dueFirst(nowMs) : Optional.empty();
    }
    if (drift == null || !onDrift) {
      return Optional.empty();
    }
    int attempts = attempts();
    boolean tooSoon =
        lastRequestStreamTimeMs != Long.MIN_VALUE
            && streamTimeMs - lastRequestStreamTimeMs < atMostEvery.toMillis();
    long since = labelsSince(drift.startMs());
    if (tooSoon || since < minimumRows || !mayTry(attempts)) {
      return Optional.empty();
    }
    return Optional.of(
        request(
            driftRun(drift) + (attempts + 1),
            drift.reason() + "; " + since + " labels since",
            drift.startMs(),
            nowMs));
  }

  /** A first run may have found no good data yet; it is asked for again, but not for ever. */
  private Optional<TrainingRequested> dueFirst(long nowMs) {
    int attempts = requestsThatBegin(app + "-first");
    if (labels < minimumRows || !mayTry(attempts)) {
      return Optional.empty();
    }
    return Optional.of(
        request(
            app + "-first" + (attempts == 0 ? "" : "-" + (attempts + 1)),
            "first model: " + labels + " labels are there",
            null,
            nowMs));
  }

  private boolean mayTry(int attempts) {
    return attempts < ATTEMPTS_MAX
        && (attempts == 0 || labels - labelsAtLastRequest >= minimumRows);
  }

  private String driftRun(Drift of) {
    return "%s-drift-%d-".formatted(app, of.startMs());
  }

  private int attempts() {
    return drift == null ? 0 : requestsThatBegin(driftRun(drift));
  }

  private int requestsThatBegin(String prefix) {
    return (int) requests.keySet().stream().filter(each -> each.startsWith(prefix)).count();
  }

  /** Whether a run was asked for that has not ended. */
  public boolean isRunning() {
    return !finishedRuns.containsAll(requests.keySet());
  }

  /** What the policy waits for, for people. */
  public State state() {
    return new State(
        labels,
        minimumRows,
        isRunning(),
        drift == null ? null : drift.startMs(),
        drift == null ? 0 : labelsSince(drift.startMs()),
        attempts());
  }

  /**
   * @param labels labels seen
   * @param minimumRows labels needed
   * @param running whether a run is under way
   * @param driftStartMs event time at which the current drift began
   * @param labelsSinceDrift labels of moments since then
   * @param attempts runs asked for because of it
   */
  public record State(
      long labels,
      long minimumRows,
      boolean running,
      @Nullable Long driftStartMs,
      long labelsSinceDrift,
      int attempts) {}

  private long labelsSince(long startMs) {
    return labelsByMoment.tailMap(Math.floorDiv(startMs, BUCKET_MS), true).values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  private TrainingRequested request(
      String runId, String reason, @Nullable Long fromMs, long nowMs) {
    return new TrainingRequested(app, runId, "monitor", reason, fromMs, null, Map.of(), nowMs);
  }
}
