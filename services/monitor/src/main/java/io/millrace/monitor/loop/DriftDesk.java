// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.monitor.drift.ConceptDrift;
import io.millrace.monitor.drift.DriftFinding;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of looks at distributions: a drift verdict and an alert when one has drifted, the
 * end of the alert when it is quiet again. Only what costs quality, or will, pages: a change of
 * inputs while the outcomes show that quality holds is recorded and no more.
 *
 * <p>While the topics are read again after a start nothing is told; what is found then and does not
 * stand on the topics is owed, because the process was killed between finding and telling, and is
 * told when the monitor goes live.
 */
final class DriftDesk {
  static final String CONCEPT_POLICY = "concept-drift";
  static final String SLICE_POLICY = "slice-concept-drift";
  static final String DATA_POLICY = "data-drift";

  private static final int DRIFTS_MAX = 500;
  private static final int LOOKS_MAX = 200;
  private static final int SUBJECTS_MAX = 3_000;
  private static final int QUIET_WINDOWS = 2;

  private final String app;
  private final Announcements announcements;
  private final AlertDesk alerts;
  private final Timeline timeline;
  private final InstantSource clock;
  private final Consumer<DriftDetected> onConcept;
  private final Runnable onRecovery;
  private final List<DriftDetected> drifts = new ArrayList<>();
  private final Map<String, DriftFinding> lastLooks = new TreeMap<>();
  private final Map<String, Deque<DriftFinding>> courses = new HashMap<>();
  private final Map<String, Integer> quietLooks = new HashMap<>();
  private final Map<String, Owed> owed = new LinkedHashMap<>();
  private boolean live;

  private record Owed(String version, DriftFinding finding) {}

  /**
   * @param onConcept told of concept drift
   * @param onRecovery told when quality is back
   */
  DriftDesk(
      String app,
      Announcements announcements,
      AlertDesk alerts,
      Timeline timeline,
      InstantSource clock,
      Consumer<DriftDetected> onConcept,
      Runnable onRecovery) {
    this.app = app;
    this.announcements = announcements;
    this.alerts = alerts;
    this.timeline = timeline;
    this.clock = clock;
    this.onConcept = onConcept;
    this.onRecovery = onRecovery;
  }

  private static String policy(DriftFinding finding) {
    if (finding.kind() != Kind.CONCEPT) {
      return DATA_POLICY;
    }
    return ofTheVersion(finding.kind(), finding.subject()) ? CONCEPT_POLICY : SLICE_POLICY;
  }

  /** Whether it is about what the version predicts as a whole, not within a slice. */
  private static boolean ofTheVersion(Kind kind, String subject) {
    return kind == Kind.CONCEPT && subject.equals(ConceptDrift.SUBJECT);
  }

  /** Takes a look at a version; true where a drift was told. */
  boolean looked(String version, DriftFinding finding) {
    remember(finding);
    String policy = policy(finding);
    String key = policy + "/" + finding.subject();
    if (!finding.drifted()) {
      // One quiet look is not the end of a drift; a window of them is.
      int quiet = quietLooks.merge(key, 1, Integer::sum);
      int enough = policy.equals(CONCEPT_POLICY) ? ConceptDrift.LOOKS_PER_WINDOW : QUIET_WINDOWS;
      if (quiet >= enough) {
        owed.remove(key);
        recovered(policy, finding);
      }
      return false;
    }
    quietLooks.remove(key);
    if (!live) {
      owed.putIfAbsent(key, new Owed(version, finding));
      return false;
    }
    if (alerts.isOpen(policy, finding.subject())) {
      if (!unitNamedSince(policy, finding)) {
        return false;
      }
      alerts.resolve(policy, finding.subject(), "its unit is known now: " + finding.effect());
    }
    tell(version, finding);
    return true;
  }

  /** A window in which a unit changed late may tell no more than that something did. */
  private boolean unitNamedSince(String policy, DriftFinding finding) {
    return finding.unitChange()
        && alerts
            .find(policy, finding.subject())
            .filter(alert -> !alert.severity().equals(DriftWords.severity(finding, true)))
            .isPresent();
  }

  private void remember(DriftFinding finding) {
    if (!lastLooks.containsKey(finding.subject()) && lastLooks.size() >= SUBJECTS_MAX) {
      return;
    }
    lastLooks.put(finding.subject(), finding);
    Deque<DriftFinding> course =
        courses.computeIfAbsent(finding.subject(), name -> new ArrayDeque<>());
    course.addLast(finding);
    if (course.size() > LOOKS_MAX) {
      course.removeFirst();
    }
  }

  /**
   * From now on what is found is told.
   *
   * @param champion the version that serves; what was found of others is over
   */
  void live(@Nullable String champion) {
    live = true;
    owed.forEach(
        (key, debt) -> {
          if (debt.version().equals(champion) && !settled(debt.finding())) {
            tell(debt.version(), debt.finding());
          }
        });
    owed.clear();
  }

  /** Whether an alert for the same cause was raised, be it open or resolved by now. */
  private boolean settled(DriftFinding finding) {
    return alerts
        .find(policy(finding), finding.subject())
        .map(alert -> alert.evidence().get("windowEndMs"))
        .filter(end -> end.matches("-?\\d{1,18}") && Long.parseLong(end) >= finding.windowStartMs())
        .isPresent();
  }

  private void tell(String version, DriftFinding finding) {
    DriftFinding.Onset onset = finding.onset();
    DriftDetected told =
        new DriftDetected(
            app,
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
            clock.millis(),
            onset == null ? null : (Long) onset.fromMs(),
            onset == null ? null : (Long) onset.toMs());
    if (drifts.stream().noneMatch(each -> sameCause(each, told))) {
      announcements.drift(told);
      drifted(told);
    }
    boolean holds = qualityHolds();
    alerts.raise(
        policy(finding),
        finding.subject(),
        DriftWords.severity(finding, holds),
        DriftWords.cause(finding),
        DriftWords.action(finding, holds),
        DriftWords.evidence(told));
  }

  private static boolean sameCause(DriftDetected a, DriftDetected b) {
    return a.subject().equals(b.subject())
        && a.kind() == b.kind()
        && a.modelVersion().equals(b.modelVersion())
        && a.windowEndMs() == b.windowEndMs();
  }

  /** Whether the outcomes have been looked at and show no loss. */
  private boolean qualityHolds() {
    return lastLooks.values().stream()
            .anyMatch(each -> ofTheVersion(each.kind(), each.subject()) && !each.drifted())
        && alerts.all().stream()
            .noneMatch(
                each -> each.policy().equals(CONCEPT_POLICY) && each.status().equals("open"));
  }

  private void recovered(String policy, DriftFinding finding) {
    if (live && alerts.isOpen(policy, finding.subject())) {
      alerts.resolve(policy, finding.subject(), "within limits again: " + finding.effect());
      if (policy.equals(CONCEPT_POLICY)) {
        onRecovery.run();
      }
    }
  }

  /** Another version serves: what was found of the one before is over. */
  void succeeded(String reason) {
    if (live) {
      alerts.resolve(CONCEPT_POLICY, reason);
      alerts.resolve(SLICE_POLICY, reason);
      alerts.resolve(DATA_POLICY, reason);
    }
  }

  /** Takes a drift verdict that was published before. */
  void restore(DriftDetected drift) {
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
    if (ofTheVersion(drift.kind(), drift.subject())) {
      onConcept.accept(drift);
    }
  }

  List<DriftFinding> lastLooks() {
    return List.copyOf(lastLooks.values());
  }

  /** The looks at a subject, oldest first. */
  List<DriftFinding> course(String subject) {
    Deque<DriftFinding> known = courses.get(subject);
    return known == null ? List.of() : List.copyOf(known);
  }

  List<DriftDetected> drifts() {
    return List.copyOf(drifts);
  }
}
