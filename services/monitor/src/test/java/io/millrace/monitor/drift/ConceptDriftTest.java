// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.monitor.performance.Outcome;
import io.millrace.monitor.performance.RecentOutcomes;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConceptDriftTest {
  private static final int WINDOW = 1_000;
  private static final double LEVEL = 0.01;

  /** Scores are the true probability while {@code honest}, else unrelated to the label. */
  private static Outcome outcome(int i, boolean honest, SplittableRandom random) {
    double score = 0.02 + 0.6 * random.nextDouble() * random.nextDouble();
    double truth = honest ? score : 0.17;
    return new Outcome("p" + i, score, random.nextDouble() < truth, i * 1_000L);
  }

  private static @Nullable DriftFinding firstDrift(long seed, int rows, int changeAt) {
    SplittableRandom random = new SplittableRandom(seed);
    RecentOutcomes recent = new RecentOutcomes(4 * WINDOW);
    ConceptDrift drift = new ConceptDrift(WINDOW, LEVEL);
    for (int i = 0; i < rows; i++) {
      recent.add(outcome(i, i < changeAt, random));
      DriftFinding finding = drift.look(recent);
      if (finding != null && finding.drifted()) {
        return finding;
      }
    }
    return null;
  }

  @Test
  void look_stationaryStream_falseAlarmsStayBelowTheLevelPerWindow() {
    int runs = 300;
    int windows = 5;
    int alarms = 0;
    for (int seed = 0; seed < runs; seed++) {
      alarms += firstDrift(seed, (windows + 1) * WINDOW, Integer.MAX_VALUE) == null ? 0 : 1;
    }
    // At most LEVEL per window; three deviations of a binomial on top.
    double expected = runs * windows * LEVEL;
    assertThat(alarms).isLessThanOrEqualTo((int) (expected + 3 * Math.sqrt(expected)));
  }

  @Test
  void look_relationBreaks_isToldWithinAWindowAndDatedNearTheBreak() {
    int changeAt = 3 * WINDOW;
    for (int seed = 0; seed < 20; seed++) {
      DriftFinding finding = firstDrift(seed, changeAt + 2 * WINDOW, changeAt);
      assertThat(finding).as("seed %d", seed).isNotNull();
      assertThat(finding.kind()).isEqualTo(Kind.CONCEPT);
      assertThat(finding.subject()).isEqualTo("outcome");
      assertThat(finding.windowEndMs() / 1_000)
          .isBetween((long) changeAt, (long) changeAt + 3 * WINDOW / 2);
      assertThat(finding.windowStartMs() / 1_000)
          .isBetween((long) changeAt - WINDOW, (long) changeAt + WINDOW);
    }
  }

  @Test
  void look_beforeTheFirstWindowIsFull_saysNothing() {
    assertThat(firstDrift(1, WINDOW - 1, 0)).isNull();
  }
}
