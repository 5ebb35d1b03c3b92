// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.retraining;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.MonitorDefinition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetrainingPolicyTest {
  private static final long HOUR = 3_600_000;

  private static RetrainingPolicy policy(String atMostEvery) {
    return new RetrainingPolicy(
        "app",
        new MonitorDefinition(
            null, null, null, new MonitorDefinition.Retrain(true, true, atMostEvery, 100)));
  }

  private static void labels(RetrainingPolicy policy, int count, long fromMs) {
    for (int i = 0; i < count; i++) {
      policy.labelled(fromMs + i);
    }
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
}
