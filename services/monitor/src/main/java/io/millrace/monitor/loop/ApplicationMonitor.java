// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.monitor.drift.DriftFinding;
import io.millrace.monitor.performance.LabelBook;
import io.millrace.monitor.performance.Outcome;
import io.millrace.monitor.performance.OutcomeJoin;
import io.millrace.monitor.performance.VersionPerformance;
import io.millrace.monitor.retraining.RetrainingPolicy;
import io.millrace.monitor.rollout.Rollout;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * One application's loop: a fold over its topics. After a restart the topics are read again from
 * their beginning; until the end that stood then ({@link #live}) nothing is announced, because what
 * had to be announced stands on the topics. Everything announced has an identity that follows from
 * its cause. Thread-safe by one lock: one feed writes, HTTP reads.
 */
public final class ApplicationMonitor {
  private static final int WAITING_MAX = 500_000;
  private static final String REFUSED_POLICY = "version-refused";

  private final ApplicationDefinition definition;
  private final Outbox announcements;
  private final ReferenceProfiles references;
  private final InstantSource clock;
  private final WatchSettings settings;
  private final OutcomeJoin join = new OutcomeJoin(WAITING_MAX);
  private final LabelBook labels = new LabelBook();
  private final AlertDesk alerts;
  private final DriftDesk drifts;
  private final VerdictDesk verdicts;
  private final SkewDesk skews;
  private final RetrainingPolicy retraining;
  private final Rollout rollout;
  private final Timeline timeline = new Timeline();
  private final Map<String, VersionPerformance> performance = new LinkedHashMap<>();
  private final Map<String, VersionDrift> drift = new LinkedHashMap<>();
  private final Map<String, Long> counts = new TreeMap<>();
  private final PriorityQueue<OutcomeJoin.Pair> immature =
      new PriorityQueue<>(Comparator.comparingLong(pair -> pair.label().momentMs()));
  private final List<Outcome> canaryStep = new ArrayList<>();
  private final List<Outcome> championStep = new ArrayList<>();
  private boolean live;
  private boolean announcing;
  private long streamTimeMs = Long.MIN_VALUE;
  private long closedUpToMs = Long.MIN_VALUE;

  public ApplicationMonitor(
      ApplicationDefinition definition,
      Announcements announcements,
      ReferenceProfiles references,
      InstantSource clock) {
    this.definition = definition;
    this.announcements = new Outbox(announcements);
    this.references = references;
    this.clock = clock;
    this.settings = WatchSettings.of(definition);
    RetrainingPolicy policy =
        new RetrainingPolicy(
            definition.name(),
            definition.label(),
            definition.monitor(),
            definition.validation() != null && definition.validation().keepsSkewedOut());
    this.retraining = policy;
    this.alerts =
        new AlertDesk(definition.name(), this.announcements, timeline, clock, this::streamTimeMs);
    this.verdicts = new VerdictDesk(alerts, timeline);
    this.skews = new SkewDesk(alerts, timeline);
    this.drifts =
        new DriftDesk(
            definition.name(),
            this.announcements,
            alerts,
            timeline,
            clock,
            drift ->
                policy.drifted(
                    drift.windowStartMs(),
                    "concept drift, " + drift.effect(),
                    drift.detectedAtMs()),
            () -> policy.settled(clock.millis()));
    this.rollout = new Rollout(definition.rollout());
  }

  private long streamTimeMs() {
    return streamTimeMs;
  }

  /** From now on what is found is announced, and what is owed from before the start at once. */
  public synchronized void live() {
    live = true;
    retraining.live();
    rollout.champion().ifPresent(this::settleFormer);
    drifts.live(rollout.champion().map(ModelVersionChanged::version).orElse(null));
    verdicts.live();
    skews.live();
    rollout.versions().stream().findFirst().ifPresent(this::refused);
    tick();
  }

  /** Alerts about a version before this champion, should the process have died between the two. */
  private void settleFormer(ModelVersionChanged champion) {
    champion.transitions().stream()
        .filter(step -> step.status() == Status.CHAMPION)
        .mapToLong(ModelVersionChanged.Transition::atMs)
        .max()
        .ifPresent(
            at -> {
              String reason = "version " + champion.version() + " took over";
              alerts.resolveBefore(DriftDesk.CONCEPT_POLICY, at, reason);
              alerts.resolveBefore(DriftDesk.SLICE_POLICY, at, reason);
              alerts.resolveBefore(DriftDesk.DATA_POLICY, at, reason);
              alerts.resolveBefore(REFUSED_POLICY, at, reason);
            });
  }

  public synchronized boolean isLive() {
    return live;
  }

  /**
   * Takes a prediction. What takes long to find in a full window is found without the lock, so that
   * no reader waits for it, and before the next prediction is taken, so that findings keep their
   * order.
   *
   * @return what it came together with
   */
  public List<OutcomeJoin.Pair> predicted(PredictionServed prediction) {
    Taken taken = take(prediction);
    taken.look().ifPresent(look -> found(prediction.modelVersion(), look.get()));
    return taken.joined();
  }

  private record Taken(List<OutcomeJoin.Pair> joined, Optional<Supplier<DriftFinding>> look) {}

  private synchronized Taken take(PredictionServed prediction) {
    advance(prediction.momentMs());
    count("predictions." + prediction.source());
    performance(prediction.modelVersion()).predicted(prediction);
    List<OutcomeJoin.Pair> joined = join.predicted(prediction);
    mature(joined);
    if (!isChampion(prediction.modelVersion()) || prediction.fallback() != null) {
      return new Taken(joined, Optional.empty());
    }
    Optional<VersionDrift> watch = driftOf(prediction.modelVersion());
    watch.ifPresent(
        each ->
            each.served(prediction.features(), prediction.score(), prediction.momentMs())
                .forEach(finding -> looked(prediction.modelVersion(), finding)));
    return new Taken(joined, watch.flatMap(VersionDrift::look));
  }

  /** A finding that took long; a person may have promoted another version meanwhile. */
  private synchronized void found(String version, DriftFinding finding) {
    if (isChampion(version)) {
      looked(version, finding);
    }
  }

  /**
   * Takes a label.
   *
   * @return what it came together with
   */
  public synchronized List<OutcomeJoin.Pair> labelled(OutcomeLabelled label) {
    advance(label.momentMs());
    count("labels." + label.provenance());
    labels.labelled(label);
    retraining.labelled(label);
    if (label.provenance() == Provenance.IMPLICIT_NEGATIVE) {
      closedUpToMs = Math.max(closedUpToMs, label.momentMs());
    }
    List<OutcomeJoin.Pair> joined = join.labelled(label);
    mature(joined);
    return joined;
  }

  /**
   * Positives are known at once, negatives only when their window closes: looked at as they come,
   * the newest outcomes would be nearly all positive. So an outcome counts once windows of its
   * moment have been closed.
   */
  private void mature(List<OutcomeJoin.Pair> joined) {
    immature.addAll(joined);
    if (immature.size() > WAITING_MAX) {
      outcome(immature.remove());
    }
    boolean waits = definition.label() != null && definition.label().positive() != null;
    while (!immature.isEmpty()
        && (!waits || immature.element().label().momentMs() <= closedUpToMs)) {
      outcome(immature.remove());
    }
  }

  private void outcome(OutcomeJoin.Pair pair) {
    PredictionServed prediction = pair.prediction();
    String version = prediction.modelVersion();
    Outcome outcome =
        new Outcome(
            prediction.predictionId(),
            prediction.score(),
            pair.label().value() >= 0.5,
            prediction.momentMs());
    VersionPerformance of = performance(version);
    if (pair.correction()) {
      of.corrected(outcome);
      return;
    }
    of.outcome(outcome);
    judgeRollout(prediction, outcome);
    if (!isChampion(version)) {
      return;
    }
    driftOf(version)
        .ifPresent(
            watch ->
                watch
                    .outcome(outcome, prediction.features(), of.recent())
                    .forEach(finding -> looked(version, finding)));
  }

  /**
   * Only outcomes of predictions that the version under trial made since its step began, and of the
   * champion's over the same time: after a restart all of them are told again.
   */
  private void judgeRollout(PredictionServed prediction, Outcome outcome) {
    Optional<ModelVersionChanged> trial = rollout.trial();
    if (trial.isEmpty() || prediction.servedAtMs() < trial.get().transitions().getLast().atMs()) {
      return;
    }
    if (prediction.modelVersion().equals(trial.get().version())) {
      canaryStep.add(outcome);
    } else if (isChampion(prediction.modelVersion())) {
      championStep.add(outcome);
    }
    if (live) {
      List<ModelVersionChanged> changes = rollout.judge(canaryStep, championStep, clock.millis());
      if (!changes.isEmpty()) {
        canaryStep.clear();
        championStep.clear();
        announce(changes);
      }
    }
  }

  /** A drift finding of a version. */
  private void looked(String version, DriftFinding finding) {
    if (drifts.looked(version, finding)) {
      tick();
    }
  }

  /** Takes a drift verdict that was published before. */
  public synchronized void restoredDrift(DriftDetected drift) {
    drifts.restore(drift);
  }

  /** Takes an alert that was published before. */
  public synchronized void restoredAlert(AlertRaised alert) {
    if (!live) {
      alerts.restore(alert);
      if (alert.policy().equals(DriftDesk.CONCEPT_POLICY) && !alert.status().equals("open")) {
        retraining.settled(alert.updatedAtMs());
      }
    }
  }

  /** Takes a training request. */
  public synchronized void requested(TrainingRequested request) {
    retraining.requested(request);
    timeline.add(
        request.requestedAtMs(),
        streamTimeMs,
        "training",
        request.runId() + " asked for by " + request.requestedBy() + ": " + request.reason());
  }

  /** Takes a state of a model version. */
  public synchronized void version(ModelVersionChanged version) {
    ModelVersionChanged before = rollout.find(version.version()).orElse(null);
    if (before != null && version.transitions().size() < before.transitions().size()) {
      // The echo of a state that this monitor has followed up already.
      return;
    }
    rollout.version(version);
    retraining.version(version);
    int known = before == null ? 0 : before.transitions().size();
    for (int i = known; i < version.transitions().size(); i++) {
      ModelVersionChanged.Transition step = version.transitions().get(i);
      timeline.add(
          step.atMs(),
          streamTimeMs,
          "model",
          "version "
              + version.version()
              + " → "
              + step.status()
              + ": "
              + String.join("; ", step.reasons()));
    }
    version.transitions().stream()
        .filter(step -> step.status() == Status.CHAMPION)
        .forEach(step -> retraining.settled(step.atMs()));
    if (version.status() == Status.CHAMPION
        && (before == null || before.status() != Status.CHAMPION)) {
      String reason = "version " + version.version() + " took over";
      drifts.succeeded(reason);
      if (live) {
        alerts.resolve(REFUSED_POLICY, reason);
      }
    }
    if (before == null || before.status() != Status.REFUSED) {
      refused(version);
    }
    tick();
  }

  private void refused(ModelVersionChanged version) {
    if (live && version.status() == Status.REFUSED) {
      alerts.raise(
          REFUSED_POLICY,
          version.version(),
          "ticket",
          "run "
              + version.runId()
              + " gave no usable version: "
              + String.join("; ", version.transitions().getLast().reasons()),
          "see the reasons; the champion goes on serving",
          Map.of("runId", version.runId()));
    }
  }

  /** Takes a data verdict. */
  public synchronized void verdict(DataVerdict verdict) {
    verdicts.verdict(verdict);
    retraining.verdict(verdict);
    tick();
  }

  /** Takes a verdict on skew. */
  public synchronized void skew(SkewJudged judged) {
    skews.judged(judged);
    retraining.skew(judged);
  }

  /** Makes a version champion because a person says so. */
  public synchronized Optional<ModelVersionChanged> promote(String version, String reason) {
    Optional<ModelVersionChanged> found = rollout.find(version);
    if (found.isPresent() && mayServe(found.get())) {
      announce(rollout.promote(found.get(), clock.millis(), reason));
    }
    return rollout.find(version);
  }

  /** Whether a version was blessed once, so that a person may promote it or go back to it. */
  public static boolean mayServe(ModelVersionChanged version) {
    return version.status() != Status.REFUSED
        && version.transitions().stream().anyMatch(step -> step.status() == Status.BLESSED);
  }

  private void tick() {
    if (!live || announcing) {
      return;
    }
    long now = clock.millis();
    announce(rollout.due(now));
    retraining
        .due(now)
        .ifPresent(
            request -> {
              retraining.requested(request);
              announcements.training(request);
            });
  }

  /** Policies that wait for time or numbers to pass are looked at here, once a second or so. */
  public synchronized void heartbeat() {
    announcements.flush();
    tick();
  }

  /** All of them before anything is decided upon one of them: two champions are a step between. */
  private void announce(List<ModelVersionChanged> changes) {
    announcing = true;
    try {
      for (ModelVersionChanged change : changes) {
        announcements.model(change);
        version(change);
      }
    } finally {
      announcing = false;
    }
  }

  private VersionPerformance performance(String version) {
    return performance.computeIfAbsent(
        version, name -> new VersionPerformance(name, settings.windowRows()));
  }

  private Optional<VersionDrift> driftOf(String version) {
    if (!settings.watched()) {
      return Optional.empty();
    }
    return Optional.of(
        drift.computeIfAbsent(
            version,
            name -> new VersionDrift(() -> references.find(definition.name(), name), settings)));
  }

  private boolean isChampion(String version) {
    return rollout.champion().map(each -> each.version().equals(version)).orElse(false);
  }

  private void advance(long momentMs) {
    streamTimeMs = Math.max(streamTimeMs, momentMs);
  }

  private void count(String name) {
    counts.merge(name, 1L, Long::sum);
  }

  /** Everything that the console shows of this application. */
  public synchronized LoopView view() {
    return new LoopView(
        definition.name(),
        definition.metadata().description(),
        live,
        streamTimeMs == Long.MIN_VALUE ? null : streamTimeMs,
        Map.copyOf(counts),
        join.waiting(),
        rollout.champion().map(ModelVersionChanged::version).orElse(null),
        rollout.versions(),
        performance.values().stream().map(VersionPerformance::summary).toList(),
        drifts.lastLooks(),
        drifts.drifts(),
        alerts.all(),
        verdicts.all(),
        skews.all(),
        retraining.state(),
        timeline.all(),
        labels.report(),
        announcements.waiting());
  }

  /** Everything that is known about one subject of drift; empty where it was never looked at. */
  public synchronized Optional<DrillDown> drillDown(String subject) {
    return DrillDown.of(
        subject,
        drifts,
        rollout
            .champion()
            .flatMap(champion -> Optional.ofNullable(drift.get(champion.version())))
            .flatMap(watch -> watch.shares(subject))
            .orElse(null),
        verdicts.all(),
        timeline.all());
  }
}
