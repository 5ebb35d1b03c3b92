// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.definition.RolloutDefinition;
import io.millrace.monitor.performance.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RolloutTest {
  private static ModelVersionChanged version(String version, Status status, long atMs) {
    return new ModelVersionChanged(
            "app",
            version,
            Status.CANDIDATE,
            "r" + version,
            "xgboost",
            null,
            1,
            "ab",
            null,
            Map.of(),
            List.of())
        .to(status, atMs, "test", List.of());
  }

  private static Rollout rollout(String kind) {
    return new Rollout(new RolloutDefinition(kind, List.of("5%", "100%"), 500));
  }

  /** Scores around the truth; the error makes a worse model. */
  private static List<Outcome> outcomes(int count, double error, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double truth = random.nextDouble();
      double score = Math.clamp(truth + error * (random.nextDouble() - 0.5), 0.01, 0.99);
      outcomes.add(new Outcome("p" + i, score, random.nextDouble() < truth, i));
    }
    return outcomes;
  }

  @Test
  void due_firstBlessed_becomesChampionWhateverTheKind() {
    for (String kind : List.of("immediate", "manual", "shadow", "canary")) {
      Rollout rollout = rollout(kind);
      rollout.version(version("1", Status.BLESSED, 1));
      assertThat(rollout.due(2))
          .as(kind)
          .singleElement()
          .matches(change -> change.status() == Status.CHAMPION);
    }
  }

  @Test
  void due_immediate_promotesAndRetiresTheOneBefore() {
    Rollout rollout = rollout("immediate");
    rollout.version(version("1", Status.CHAMPION, 1));
    rollout.version(version("2", Status.BLESSED, 2));
    assertThat(rollout.due(3))
        .extracting(change -> change.version() + change.status())
        .containsExactly("2CHAMPION", "1RETIRED");
  }

  @Test
  void due_blessedBeforeTheChampion_isNotPromotedAgain() {
    Rollout rollout = rollout("immediate");
    rollout.version(version("1", Status.BLESSED, 1));
    rollout.version(version("2", Status.CHAMPION, 2));
    assertThat(rollout.due(3)).isEmpty();
  }

  @Test
  void due_manual_waitsForAPerson() {
    Rollout rollout = rollout("manual");
    rollout.version(version("1", Status.CHAMPION, 1));
    rollout.version(version("2", Status.BLESSED, 2));
    assertThat(rollout.due(3)).isEmpty();
  }

  @Test
  void judge_worseCanary_isRefused() {
    Rollout rollout = rollout("canary");
    rollout.version(version("1", Status.CHAMPION, 1));
    rollout.version(version("2", Status.BLESSED, 2));
    ModelVersionChanged canary = rollout.due(3).getFirst();
    assertThat(canary.status()).isEqualTo(Status.CANARY);
    assertThat(canary.metrics()).containsEntry(ModelVersionChanged.ROLLOUT_SHARE, 0.05);
    rollout.version(canary);
    assertThat(rollout.judge(outcomes(499, 0, 1), outcomes(5_000, 0, 2), 4)).isEmpty();
    assertThat(rollout.judge(outcomes(1_000, 1.5, 1), outcomes(5_000, 0, 2), 4))
        .singleElement()
        .matches(change -> change.status() == Status.REFUSED);
  }

  @Test
  void judge_equalCanary_isPromotedInAtLeast95Of100Runs() {
    int promoted = 0;
    for (int seed = 0; seed < 100; seed++) {
      Rollout rollout = rollout("canary");
      rollout.version(version("1", Status.CHAMPION, 1));
      rollout.version(version("2", Status.BLESSED, 2));
      rollout.version(rollout.due(3).getFirst());
      List<ModelVersionChanged> changes =
          rollout.judge(outcomes(500, 0.2, 2 * seed), outcomes(2_000, 0.2, 2 * seed + 1), 4);
      promoted += changes.getFirst().status() == Status.CHAMPION ? 1 : 0;
    }
    assertThat(promoted).isGreaterThanOrEqualTo(95);
  }
}
