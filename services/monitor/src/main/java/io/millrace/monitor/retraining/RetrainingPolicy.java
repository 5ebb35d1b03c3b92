// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.retraining;

import io.millrace.common.contract.AllowedSpans;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.LatestBySpan;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.Durations;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.common.definition.MonitorDefinition;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When to ask for a training run: for the first model once enough labels count, and after a concept
 * drift once enough count <em>since the drift began</em>; never two runs at a time, never more
 * often than declared. A label counts when the trainer would take its row: its moment lies in a
 * span that may be trained on ({@link AllowedSpans}) and can get no other label any more, so that
 * no run is spent on finding that there are too few. A run that was refused (say, because the data
 * since then is bad) is asked for again only after as many new labels, and at most {@value
 * #ATTEMPTS_MAX} times per cause. Run ids follow from the cause, so that asking twice is asking
 * once. What comes from topics may come in any order, as it does after a restart: a drift that a
 * later champion settled stays settled, and attempts are counted by the requests that stand on the
 * topic. Not thread-safe.
 */
public final class RetrainingPolicy {
  /** Most runs asked for because of one drift, or for the first model. */
  public static final int ATTEMPTS_MAX = 3;

  /** Spans whose verdicts are known; labels of older ones do not count. */
  static final int VERDICTS_MAX = 20_000;

  private final String app;
  private final boolean onDrift;
  private final boolean onFirstData;
  private final long minimumRows;
  private final Duration atMostEvery;
  private final @Nullable String decidedAt;
  private final boolean joined;
  private final boolean keepsSkewedOut;
  private final LabelledMoments moments;
  private final LatestBySpan<DataVerdict> verdicts = new LatestBySpan<>(VERDICTS_MAX);
  private final LatestBySpan<SkewJudged> skews = new LatestBySpan<>(VERDICTS_MAX);
  private final Map<String, TrainingRequested> requests = new HashMap<>();
  private final Set<String> finishedRuns = new HashSet<>();
  private long forgottenUpToMs = Long.MIN_VALUE;
  private long closedUpToMs = Long.MIN_VALUE;
  private long labels;
  private long streamTimeMs = Long.MIN_VALUE;
  private long lastRequestStreamTimeMs = Long.MIN_VALUE;
  private long labelsAtLastRequest;
  private boolean anyVersion;
  private @Nullable Drift drift;
  private long settledAtMs = Long.MIN_VALUE;

  private record Drift(long startMs, String reason, long detectedAtMs) {}

  /**
   * @param label the application's, if it declares one
   * @param monitor what it declares, if anything
   * @param keepsSkewedOut whether spans whose predictions were made of other values are not trained
   *     on
   */
  public RetrainingPolicy(
      String app,
      @Nullable LabelDefinition label,
      @Nullable MonitorDefinition monitor,
      boolean keepsSkewedOut) {
    this.keepsSkewedOut = keepsSkewedOut;
    MonitorDefinition.Retrain retrain = monitor == null ? null : monitor.retrain();
    this.app = app;
    this.decidedAt = label == null ? null : label.decidedAt();
    this.joined = label != null && label.positive() != null;
    this.onDrift = retrain == null || !Boolean.FALSE.equals(retrain.onDrift());
    this.onFirstData = retrain != null && Boolean.TRUE.equals(retrain.onFirstData());
    this.minimumRows = MonitorDefinition.rowsToTrainOn(monitor);
    this.atMostEvery =
        retrain == null || retrain.atMostEvery() == null
            ? Duration.ZERO
            : Durations.parse(retrain.atMostEvery());
    this.moments = new LabelledMoments(minimumRows);
  }

  /** A label; a moment counts once, however often its label is corrected. */
  public void labelled(OutcomeLabelled label) {
    if (label.provenance() == Provenance.IMPLICIT_NEGATIVE) {
      closedUpToMs = Math.max(closedUpToMs, label.momentMs());
    }
    if (label.revision() != 1) {
      return;
    }
    labels++;
    streamTimeMs = Math.max(streamTimeMs, label.momentMs());
    moments.add(label.momentMs());
  }

  /** What the validator says of a span; the latest of a span is in force. */
  public void verdict(DataVerdict verdict) {
    DataVerdict forgotten = verdicts.take(verdict.bare()).forgotten();
    if (forgotten != null) {
      forgottenUpToMs = Math.max(forgottenUpToMs, forgotten.endMs());
    }
  }

  /** What the validator says of a span's skew; the latest of a span is in force. */
  public void skew(SkewJudged judged) {
    if (keepsSkewedOut) {
      skews.take(judged.bare());
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
    long since = count(drift.startMs());
    if (tooSoon || since < minimumRows || !mayTry(attempts)) {
      return Optional.empty();
    }
    return Optional.of(
        request(
            driftRun(drift) + (attempts + 1),
            drift.reason() + "; " + since + " labels since that count",
            drift.startMs(),
            nowMs));
  }

  /** A first run may have found no good data yet; it is asked for again, but not for ever. */
  private Optional<TrainingRequested> dueFirst(long nowMs) {
    int attempts = requestsThatBegin(app + "-first");
    long count = mayTry(attempts) ? count(null) : 0;
    if (count < minimumRows) {
      return Optional.empty();
    }
    return Optional.of(
        request(
            app + "-first" + (attempts == 0 ? "" : "-" + (attempts + 1)),
            "first model: " + count + " labels that count are there",
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
        count(drift == null ? null : (Long) drift.startMs()),
        minimumRows,
        isRunning(),
        drift == null ? null : (Long) drift.startMs(),
        attempts());
  }

  /**
   * @param labels labels seen
   * @param labelsThatCount of them, those that a run would train on: of spans that may be trained
   *     on, and of moments since the current drift began, where there is one
   * @param minimumRows labels needed
   * @param running whether a run is under way
   * @param driftStartMs event time at which the current drift began
   * @param attempts runs asked for because of it
   */
  public record State(
      long labels,
      long labelsThatCount,
      long minimumRows,
      boolean running,
      @Nullable Long driftStartMs,
      int attempts) {}

  /** Labels that a run from here on would train on, as far as is known. */
  private long count(@Nullable Long fromMs) {
    if (decidedAt == null) {
      return 0;
    }
    long from = fromMs == null ? forgottenUpToMs : Math.max(fromMs, forgottenUpToMs);
    // Later moments than the last negative may still turn out negative: only positives are known.
    Long to = joined ? (Long) (closedUpToMs + 1) : null;
    return moments.within(
        AllowedSpans.of(verdicts.all(), skews.all(), decidedAt, from, to).intervals());
  }

  private TrainingRequested request(
      String runId, String reason, @Nullable Long fromMs, long nowMs) {
    return new TrainingRequested(app, runId, "monitor", reason, fromMs, null, Map.of(), nowMs);
  }
}
