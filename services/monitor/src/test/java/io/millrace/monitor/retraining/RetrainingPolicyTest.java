// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.retraining;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.common.definition.MonitorDefinition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetrainingPolicyTest {
  private static final long HOUR = 3_600_000;

  private static final LabelDefinition VALUE =
      new LabelDefinition("taken", "offer", null, "taken", null, null, null);
  private static final LabelDefinition JOINED =
      new LabelDefinition(
          "taken",
          "offer",
          new LabelDefinition.Positive("take", null, "id", null, "1h", null),
          null,
          null,
          null,
          null);

  /** A policy that needs 100 labels. */
  private static RetrainingPolicy unjudged(LabelDefinition label, @Nullable String atMostEvery) {
    return new RetrainingPolicy(
        "app",
        label,
        new MonitorDefinition(
            null, null, null, null, new MonitorDefinition.Retrain(true, true, atMostEvery, 100)),
        true);
  }

  /** The same, with good data for a thousand hours. */
  private static RetrainingPolicy policy(@Nullable String atMostEvery) {
    RetrainingPolicy policy = unjudged(VALUE, atMostEvery);
    policy.verdict(verdict("offer", 0, 1_000 * HOUR, DataVerdict.Status.GOOD));
    return policy;
  }

  private static DataVerdict verdict(
      String event, long startMs, long endMs, DataVerdict.Status status) {
    return new DataVerdict(
        "app", event, "s" + startMs, startMs, endMs, 9, status, 1, List.of(), Map.of(), 0);
  }

  private static void labels(RetrainingPolicy policy, int count, long fromMs) {
    for (int i = 0; i < count; i++) {
      policy.labelled(label(fromMs + i, Provenance.OBSERVED, 1));
    }
  }

  private static OutcomeLabelled label(long momentMs, Provenance how, int revision) {
    return new OutcomeLabelled(
        "app", "p" + momentMs, Map.of(), momentMs, momentMs, 1, how, revision, null, 0, 0);
  }

  private static ModelVersionChanged version(String runId, Status status, boolean packaged) {
    return new ModelVersionChanged(
        "app",
        "1",
        status,
        runId,
        "xgboost",
        null,
        1,
        packaged ? "ab" : null,
        null,
        Map.of(),
        List.of());
  }

  @Test
  void due_firstLabels_asksOnceWhenThereAreEnough() {
    RetrainingPolicy policy = policy(null);
    labels(policy, 99, 0);
    assertThat(policy.due(0)).isEmpty();
    labels(policy, 1, 99);
    TrainingRequested request = policy.due(0).orElseThrow();
    assertThat(request.runId()).isEqualTo("app-first");
    assertThat(request.fromMs()).isNull();
    policy.requested(request);
    labels(policy, 1_000, 100);
    assertThat(policy.due(0)).as("a run is under way").isEmpty();
  }

  @Test
  void due_afterDrift_waitsForLabelsSinceItBegan() {
    RetrainingPolicy policy = policy(null);
    policy.version(version("r0", Status.CHAMPION, true));
    labels(policy, 1_000, 0);
    policy.drifted(10 * HOUR, "drift", 500);
    assertThat(policy.due(0)).isEmpty();
    labels(policy, 100, 10 * HOUR);
    TrainingRequested request = policy.due(0).orElseThrow();
    assertThat(request.fromMs()).isEqualTo(10 * HOUR);
    assertThat(request.runId()).isEqualTo("app-drift-36000000-1");
  }

  @Test
  void due_refusedRun_isAskedAgainOnlyAfterNewLabelsAndNotForEver() {
    RetrainingPolicy policy = policy(null);
    policy.version(version("r0", Status.CHAMPION, true));
    policy.drifted(0, "drift", 500);
    labels(policy, 100, 0);
    for (int attempt = 1; attempt <= RetrainingPolicy.ATTEMPTS_MAX; attempt++) {
      TrainingRequested request = policy.due(0).orElseThrow();
      policy.requested(request);
      policy.version(version(request.runId(), Status.REFUSED, false));
      assertThat(policy.due(0)).isEmpty();
      labels(policy, 100, attempt);
    }
    assertThat(policy.due(0)).isEmpty();
  }

  @Test
  void due_tooSoonAfterTheLastRun_waitsInEventTime() {
    RetrainingPolicy policy = policy("1d");
    labels(policy, 100, 0);
    TrainingRequested first = policy.due(0).orElseThrow();
    policy.requested(first);
    policy.version(version(first.runId(), Status.CHAMPION, true));
    policy.drifted(HOUR, "drift", 500);
    labels(policy, 100, HOUR);
    assertThat(policy.due(0)).isEmpty();
    labels(policy, 1, 25 * HOUR);
    assertThat(policy.due(0)).isPresent();
  }

  @Test
  void settled_newChampion_endsTheDrift() {
    RetrainingPolicy policy = policy(null);
    policy.version(version("r0", Status.CHAMPION, true));
    policy.drifted(0, "drift", 500);
    policy.settled(600);
    labels(policy, 1_000, 0);
    assertThat(policy.due(0)).isEmpty();
  }

  @Test
  void due_firstRunRefused_isAskedAgainAfterAsManyNewLabels() {
    RetrainingPolicy policy = policy(null);
    labels(policy, 100, 0);
    policy.requested(policy.due(0).orElseThrow());
    policy.version(version("app-first", Status.REFUSED, false));
    labels(policy, 99, 100);
    assertThat(policy.due(0)).isEmpty();
    labels(policy, 1, 199);
    assertThat(policy.due(0).orElseThrow().runId()).isEqualTo("app-first-2");
  }

  @Test
  void restored_inAnyOrder_aSettledDriftIsNotAskedForAgain() {
    TrainingRequested asked =
        new TrainingRequested("app", "app-drift-0-1", "monitor", "", 0L, null, Map.of(), 510);
    for (boolean championFirst : new boolean[] {true, false}) {
      RetrainingPolicy policy = policy(null);
      if (championFirst) {
        policy.settled(600);
      }
      policy.drifted(0, "drift", 500);
      policy.requested(asked);
      policy.version(version("app-drift-0-1", Status.CHAMPION, true));
      policy.settled(600);
      labels(policy, 1_000, 0);
      policy.live();
      assertThat(policy.due(0)).isEmpty();
      policy.drifted(10 * HOUR, "another one", 700);
      labels(policy, 100, 10 * HOUR);
      assertThat(policy.due(0).orElseThrow().runId()).isEqualTo("app-drift-36000000-1");
    }
  }

  @Test
  void restored_afterARefusedRun_goesOnCountingItsAttempts() {
    RetrainingPolicy policy = policy(null);
    policy.version(version("r0", Status.CHAMPION, true));
    policy.drifted(0, "drift", 500);
    policy.requested(
        new TrainingRequested("app", "app-drift-0-1", "monitor", "", 0L, null, Map.of(), 510));
    policy.version(version("app-drift-0-1", Status.REFUSED, false));
    labels(policy, 1_000, 0);
    policy.live();
    assertThat(policy.due(0)).as("no new labels since").isEmpty();
    labels(policy, 100, 0);
    assertThat(policy.due(0).orElseThrow().runId()).isEqualTo("app-drift-0-2");
  }

  @Test
  void due_labelsOfSpansThatAreNotGood_doNotCount() {
    RetrainingPolicy policy = unjudged(VALUE, null);
    labels(policy, 150, 0);
    assertThat(policy.due(0)).as("no span is judged").isEmpty();
    policy.verdict(verdict("offer", 0, 90, DataVerdict.Status.GOOD));
    policy.verdict(verdict("offer", 90, 150, DataVerdict.Status.BAD));
    policy.verdict(verdict("other", 50, 60, DataVerdict.Status.BAD));
    assertThat(policy.due(0)).isEmpty();
    assertThat(policy.state().labels()).isEqualTo(150);
    assertThat(policy.state().labelsThatCount()).isEqualTo(80);
    policy.verdict(verdict("offer", 90, 150, DataVerdict.Status.GOOD));
    assertThat(policy.state().labelsThatCount()).isEqualTo(140);
    assertThat(policy.due(0).orElseThrow().reason()).contains("140 labels");
  }

  @Test
  void due_spansBeforeTheDrift_doNotCountForIt() {
    RetrainingPolicy policy = policy(null);
    policy.version(version("r0", Status.CHAMPION, true));
    labels(policy, 1_000, 0);
    policy.drifted(901, "drift", 500);
    assertThat(policy.state().labelsThatCount()).isEqualTo(99);
    assertThat(policy.due(0)).isEmpty();
    labels(policy, 1, 1_000);
    assertThat(policy.due(0)).isPresent();
  }

  @Test
  void due_momentsThatMayStillTurnNegative_doNotCount() {
    RetrainingPolicy policy = unjudged(JOINED, null);
    policy.verdict(verdict("offer", 0, HOUR, DataVerdict.Status.GOOD));
    labels(policy, 150, 0);
    assertThat(policy.state().labelsThatCount()).as("no window has closed").isZero();
    policy.labelled(label(49, Provenance.IMPLICIT_NEGATIVE, 1));
    assertThat(policy.state().labelsThatCount()).isEqualTo(51);
    assertThat(policy.due(0)).isEmpty();
    policy.labelled(label(149, Provenance.IMPLICIT_NEGATIVE, 1));
    assertThat(policy.state().labelsThatCount()).isEqualTo(152);
    policy.labelled(label(49, Provenance.CORRECTION, 2));
    assertThat(policy.state().labelsThatCount()).as("a correction is no new row").isEqualTo(152);
  }

  @Test
  void verdict_moreThanAreKept_countsOnlyWhereAllAreKnown() {
    RetrainingPolicy policy = unjudged(VALUE, null);
    policy.verdict(verdict("other", 0, 10, DataVerdict.Status.BAD));
    policy.verdict(verdict("offer", 0, 500, DataVerdict.Status.GOOD));
    labels(policy, 500, 0);
    assertThat(policy.state().labelsThatCount()).isEqualTo(490);
    for (int i = 0; i < RetrainingPolicy.VERDICTS_MAX - 1; i++) {
      policy.verdict(verdict("other", 1_000 + i, 1_001 + i, DataVerdict.Status.GOOD));
    }
    assertThat(policy.state().labelsThatCount()).as("the bad one is forgotten").isEqualTo(490);
    policy.verdict(verdict("other", HOUR, HOUR + 1, DataVerdict.Status.GOOD));
    assertThat(policy.state().labelsThatCount()).as("the good one too").isZero();
  }

  private static SkewJudged skew(long startMs, SkewJudged.Status status) {
    return new SkewJudged(
        "app",
        "offer",
        "s" + startMs,
        startMs,
        startMs + HOUR,
        "d",
        9,
        9,
        9,
        5,
        status,
        List.of(),
        List.of(),
        List.of(),
        0);
  }

  @Test
  void due_labelsOfASkewedSpan_doNotCountUntilItIsAlike() {
    RetrainingPolicy policy = policy(null);
    labels(policy, 150, 0);
    policy.skew(skew(0, SkewJudged.Status.SKEWED));
    assertThat(policy.state().labelsThatCount()).isZero();
    assertThat(policy.due(1)).isEmpty();
    policy.skew(skew(0, SkewJudged.Status.ALIKE));
    assertThat(policy.state().labelsThatCount()).isEqualTo(150);
    assertThat(policy.due(1)).isPresent();
  }

  @Test
  void due_skewedSpansThatMayBeTrainedOn_count() {
    RetrainingPolicy policy =
        new RetrainingPolicy(
            "app",
            VALUE,
            new MonitorDefinition(
                null, null, null, null, new MonitorDefinition.Retrain(true, true, null, 100)),
            false);
    policy.verdict(verdict("offer", 0, 1_000 * HOUR, DataVerdict.Status.GOOD));
    labels(policy, 150, 0);
    policy.skew(skew(0, SkewJudged.Status.SKEWED));
    assertThat(policy.state().labelsThatCount()).isEqualTo(150);
  }
}
