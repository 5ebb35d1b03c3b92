// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.monitor.alert.AlertBook;
import io.millrace.monitor.drift.ConceptDrift;
import io.millrace.monitor.drift.DriftFinding;
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
import org.jspecify.annotations.Nullable;

/**
 * One application's loop: a fold over its topics. After a restart the topics are read again from
 * their beginning; until the end that stood then ({@link #live}) nothing is announced, because what
 * had to be announced stands on the topics. Everything announced has an identity that follows from
 * its cause. Thread-safe by one lock: one feed writes, HTTP reads.
 */
public final class ApplicationMonitor {
  private static final int DEFAULT_WINDOW_ROWS = 2_000;
  private static final double DEFAULT_FALSE_ALARM_LEVEL = 0.01;
  private static final int WAITING_MAX = 500_000;
  private static final int VERDICTS_MAX = 2_000;
  private static final int DRIFTS_MAX = 500;
  private static final String CONCEPT_POLICY = "concept-drift";
  private static final String DATA_POLICY = "data-drift";
  private static final String VERDICT_POLICY = "bad-data";
  private static final String REFUSED_POLICY = "version-refused";

  private final ApplicationDefinition definition;
  private final Announcements announcements;
  private final ReferenceProfiles references;
  private final InstantSource clock;
  private final int windowRows;
  private final double falseAlarmLevel;
  private final OutcomeJoin join = new OutcomeJoin(WAITING_MAX);
  private final AlertBook alerts;
  private final RetrainingPolicy retraining;
  private final Rollout rollout;
  private final Timeline timeline = new Timeline();
  private final Map<String, VersionPerformance> performance = new LinkedHashMap<>();
  private final Map<String, VersionDrift> drift = new LinkedHashMap<>();
  private final Map<String, DataVerdict> verdicts = new LinkedHashMap<>();
  private final List<DriftDetected> drifts = new ArrayList<>();
  private final Map<String, DriftFinding> lastLooks = new TreeMap<>();
  private final Map<String, Long> counts = new TreeMap<>();
  private final PriorityQueue<OutcomeJoin.Pair> immature =
      new PriorityQueue<>(Comparator.comparingLong(pair -> pair.label().momentMs()));
  private final Map<String, Integer> stableLooks = new TreeMap<>();
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
    this.announcements = announcements;
    this.references = references;
    this.clock = clock;
    this.windowRows = windowRows(definition);
    this.falseAlarmLevel =
        definition.monitor() == null || definition.monitor().falseAlarmLevel() == null
            ? DEFAULT_FALSE_ALARM_LEVEL
            : definition.monitor().falseAlarmLevel();
    this.alerts = new AlertBook(definition.name());
    this.retraining = new RetrainingPolicy(definition.name(), definition.monitor());
    this.rollout = new Rollout(definition.rollout());
  }

  private static int windowRows(ApplicationDefinition definition) {
    if (definition.monitor() == null || definition.monitor().window() == null) {
      return DEFAULT_WINDOW_ROWS;
    }
    return Integer.parseInt(definition.monitor().window().replaceAll("\\s*rows$", "").trim());
  }

  /** From now on what is found is announced. */
  public synchronized void live() {
    live = true;
    retraining.live();
    for (String event : verdicts.values().stream().map(DataVerdict::event).distinct().toList()) {
      latestVerdict(event)
          .filter(latest -> latest.status() == DataVerdict.Status.BAD)
          .ifPresent(this::raiseBadData);
    }
    tick();
  }

  public synchronized boolean isLive() {
    return live;
  }

  /**
   * Takes a prediction.
   *
   * @return what it came together with
   */
  public synchronized List<OutcomeJoin.Pair> predicted(PredictionServed prediction) {
    advance(prediction.momentMs());
    count("predictions." + prediction.source());
    performance(prediction.modelVersion()).predicted(prediction);
    List<OutcomeJoin.Pair> joined = join.predicted(prediction);
    mature(joined);
    if (isChampion(prediction.modelVersion()) && prediction.fallback() == null) {
      driftOf(prediction.modelVersion())
          .ifPresent(
              watch ->
                  watch
                      .served(prediction.features(), prediction.score(), prediction.momentMs())
                      .forEach(finding -> looked(prediction.modelVersion(), finding)));
    }
    return joined;
  }

  /**
   * Takes a label.
   *
   * @return what it came together with
   */
  public synchronized List<OutcomeJoin.Pair> labelled(OutcomeLabelled label) {
    advance(label.momentMs());
    count("labels." + label.provenance());
    if (label.revision() == 1) {
      retraining.labelled(label.momentMs());
    }
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
    judgeRollout(prediction.role(), outcome);
    if (!isChampion(version)) {
      return;
    }
    driftOf(version)
        .ifPresent(
            watch ->
                watch.outcome(outcome, of.recent()).forEach(finding -> looked(version, finding)));
  }

  private void judgeRollout(String role, Outcome outcome) {
    if (rollout.versions().stream()
        .noneMatch(each -> each.status() == Status.CANARY || each.status() == Status.SHADOW)) {
      return;
    }
    if (role.equals("champion")) {
      championStep.add(outcome);
    } else {
      canaryStep.add(outcome);
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
    lastLooks.put(finding.subject(), finding);
    String policy = finding.kind() == Kind.CONCEPT ? CONCEPT_POLICY : DATA_POLICY;
    if (!finding.drifted()) {
      // One quiet look is not the end of a drift; a window of them is.
      int quiet = stableLooks.merge(policy + finding.subject(), 1, Integer::sum);
      if (quiet >= (finding.kind() == Kind.CONCEPT ? ConceptDrift.LOOKS_PER_WINDOW : 2)) {
        recovered(policy, finding);
      }
      return;
    }
    stableLooks.remove(policy + finding.subject());
    if (!live || alerts.isOpen(policy, finding.subject())) {
      return;
    }
    DriftDetected told =
        new DriftDetected(
            definition.name(),
            finding.subject(),
            finding.kind(),
            finding.test(),
            finding.statistic(),
            finding.threshold(),
            finding.pValue(),
            finding.effect(),
            version,
            finding.windowStartMs(),
            finding.windowEndMs(),
            finding.rows(),
            clock.millis());
    announcements.drift(told);
    drifted(told);
    String severity =
        finding.kind() == Kind.CONCEPT || finding.unitChange()
            ? "page"
            : finding.kind() == Kind.DATA ? "ticket" : "note";
    raise(policy, finding.subject(), severity, cause(finding), action(finding), evidence(told));
    tick();
  }

  private void recovered(String policy, DriftFinding finding) {
    if (live && alerts.isOpen(policy, finding.subject())) {
      alerts
          .resolve(
              policy, finding.subject(), "within limits again: " + finding.effect(), clock.millis())
          .forEach(this::resolved);
      if (finding.kind() == Kind.CONCEPT) {
        retraining.settled(clock.millis());
      }
    }
  }

  private static String cause(DriftFinding finding) {
    return switch (finding.kind()) {
      case CONCEPT -> "the model predicts worse than in its first window: " + finding.effect();
      case DATA ->
          finding.unitChange()
              ? finding.subject() + " looks as if its unit had changed: " + finding.effect()
              : finding.subject() + " is distributed unlike the training rows: " + finding.effect();
      case PREDICTION -> "scores are distributed unlike in evaluation: " + finding.effect();
      case LABEL -> "the label moved: " + finding.effect();
    };
  }

  private static String action(DriftFinding finding) {
    if (finding.unitChange()) {
      return "ask the producer of the field; do not retrain on it: the data verdicts hold its spans"
          + " back";
    }
    return switch (finding.kind()) {
      case CONCEPT -> "a training run on the rows since then is asked for once there are enough";
      case DATA -> "check the source; no action needed while quality holds";
      case PREDICTION, LABEL -> "look at the outcomes of the same time";
    };
  }

  private static Map<String, String> evidence(DriftDetected drift) {
    return Map.of(
        "test", drift.test(),
        "statistic", Double.toString(drift.statistic()),
        "threshold", Double.toString(drift.threshold()),
        "pValue", String.valueOf(drift.pValue()),
        "modelVersion", drift.modelVersion(),
        "windowStartMs", Long.toString(drift.windowStartMs()),
        "windowEndMs", Long.toString(drift.windowEndMs()),
        "rows", Long.toString(drift.rows()));
  }

  /** Takes a drift verdict that was published before. */
  public synchronized void restoredDrift(DriftDetected drift) {
    if (!drifts.contains(drift)) {
      drifted(drift);
    }
  }

  private void drifted(DriftDetected drift) {
    drifts.add(drift);
    if (drifts.size() > DRIFTS_MAX) {
      drifts.removeFirst();
    }
    timeline.add(
        drift.detectedAtMs(),
        drift.windowEndMs(),
        "drift",
        drift.kind() + " drift of " + drift.subject() + ": " + drift.effect());
    if (drift.kind() == Kind.CONCEPT) {
      retraining.drifted(
          drift.windowStartMs(), "concept drift, " + drift.effect(), drift.detectedAtMs());
    }
  }

  /** Takes an alert that was published before. */
  public synchronized void restoredAlert(AlertRaised alert) {
    if (!live) {
      alerts.restore(alert);
      alerted(alert);
      if (alert.policy().equals(CONCEPT_POLICY) && !alert.status().equals("open")) {
        retraining.settled(alert.updatedAtMs());
      }
    }
  }

  private void resolved(AlertRaised alert) {
    announcements.alert(alert);
    alerted(alert);
  }

  private void alerted(AlertRaised alert) {
    timeline.add(
        alert.updatedAtMs(),
        streamTimeMs,
        "alert",
        alert.status() + " [" + alert.severity() + "] " + alert.alertId() + ": " + alert.cause());
  }

  private void raise(
      String policy,
      String subject,
      String severity,
      String cause,
      String action,
      Map<String, String> evidence) {
    alerts
        .raise(policy, subject, severity, cause, action, evidence, clock.millis())
        .ifPresent(
            alert -> {
              announcements.alert(alert);
              alerted(alert);
            });
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
      if (live) {
        String reason = "version " + version.version() + " took over";
        long now = clock.millis();
        alerts.resolve(CONCEPT_POLICY, reason, now).forEach(this::resolved);
        alerts.resolve(DATA_POLICY, reason, now).forEach(this::resolved);
        alerts.resolve(REFUSED_POLICY, reason, now).forEach(this::resolved);
      }
    }
    if (live
        && version.status() == Status.REFUSED
        && (before == null || before.status() != Status.REFUSED)) {
      raise(
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
    tick();
  }

  /** Takes a data verdict. */
  public synchronized void verdict(DataVerdict verdict) {
    String key = verdict.event() + "/" + verdict.span();
    DataVerdict before = verdicts.put(key, verdict);
    if (verdicts.size() > VERDICTS_MAX) {
      verdicts.remove(verdicts.keySet().iterator().next());
    }
    if (verdict.status() == DataVerdict.Status.BAD
        && (before == null || before.status() != DataVerdict.Status.BAD)) {
      timeline.add(
          verdict.decidedAtMs(),
          verdict.endMs(),
          "verdict",
          verdict.event() + " " + verdict.span() + " is BAD: " + errors(verdict));
      if (live) {
        raiseBadData(verdict);
      }
    } else if (live
        && verdict.status() == DataVerdict.Status.GOOD
        && latestVerdict(verdict.event()).filter(verdict::equals).isPresent()) {
      alerts
          .resolve(
              VERDICT_POLICY,
              verdict.event(),
              "span " + verdict.span() + " is good",
              clock.millis())
          .forEach(this::resolved);
    }
  }

  private Optional<DataVerdict> latestVerdict(String event) {
    return verdicts.values().stream()
        .filter(each -> each.event().equals(event))
        .max(Comparator.comparingLong(DataVerdict::endMs));
  }

  private void raiseBadData(DataVerdict verdict) {
    raise(
        VERDICT_POLICY,
        verdict.event(),
        "page",
        "data of " + verdict.event() + " since " + verdict.span() + " is bad: " + errors(verdict),
        "mend the source; the span is kept out of training",
        Map.of("span", verdict.span(), "rows", Long.toString(verdict.rows())));
  }

  private static String errors(DataVerdict verdict) {
    return String.join(
        "; ",
        verdict.anomalies().stream()
            .filter(anomaly -> anomaly.severity().equals("ERROR"))
            .map(DataVerdict.Anomaly::message)
            .toList());
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
    return performance.computeIfAbsent(version, name -> new VersionPerformance(name, windowRows));
  }

  private Optional<VersionDrift> driftOf(String version) {
    if (definition.monitor() != null && "off".equals(definition.monitor().drift())) {
      return Optional.empty();
    }
    return Optional.of(
        drift.computeIfAbsent(
            version,
            name ->
                new VersionDrift(
                    () -> references.find(definition.name(), name), windowRows, falseAlarmLevel)));
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
  public synchronized View view() {
    return new View(
        definition.name(),
        definition.metadata().description(),
        live,
        streamTimeMs == Long.MIN_VALUE ? null : streamTimeMs,
        Map.copyOf(counts),
        join.waiting(),
        rollout.champion().map(ModelVersionChanged::version).orElse(null),
        rollout.versions(),
        performance.values().stream().map(VersionPerformance::summary).toList(),
        List.copyOf(lastLooks.values()),
        List.copyOf(drifts),
        alerts.all(),
        List.copyOf(verdicts.values()),
        retraining.state(),
        timeline.all());
  }

  /** A snapshot. */
  public record View(
      String app,
      @Nullable String description,
      boolean live,
      @Nullable Long streamTimeMs,
      Map<String, Long> counts,
      int waitingForOutcome,
      @Nullable String champion,
      List<ModelVersionChanged> versions,
      List<VersionPerformance.Summary> performance,
      List<DriftFinding> lastLooks,
      List<DriftDetected> drifts,
      List<AlertRaised> alerts,
      List<DataVerdict> verdicts,
      RetrainingPolicy.State retraining,
      List<Timeline.Entry> timeline) {}
}
