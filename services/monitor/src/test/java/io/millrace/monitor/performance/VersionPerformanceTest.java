// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.performance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.stats.metric.BinaryEstimates;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class VersionPerformanceTest {
  private static final int WINDOW = 200;

  @Test
  void summary_moreOutcomesThanTheWindow_estimatesAreOfTheLastOnes() {
    VersionPerformance performance = new VersionPerformance("1", WINDOW);
    SplittableRandom random = new SplittableRandom(1);
    double[] scores = new double[3 * WINDOW];
    boolean[] labels = new boolean[scores.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextDouble();
      labels[i] = random.nextDouble() < scores[i];
      performance.outcome(new Outcome("p" + i, scores[i], labels[i], i));
      if (i % 50 == 0) {
        // Looking in between changes nothing.
        performance.summary();
      }
    }
    int from = scores.length - WINDOW;
    VersionPerformance.Summary summary = performance.summary();
    assertThat(summary.estimates())
        .isEqualTo(
            BinaryEstimates.of(
                Arrays.copyOfRange(scores, from, scores.length),
                Arrays.copyOfRange(labels, from, labels.length),
                0.5,
                0.95));
    assertThat(summary.estimates().get("auc").value()).isEqualTo(summary.current().auc());
  }

  @Test
  void summary_correctedOutcome_isInTheEstimates() {
    VersionPerformance performance = new VersionPerformance("1", WINDOW);
    performance.outcome(new Outcome("a", 0.9, true, 1));
    performance.outcome(new Outcome("b", 0.2, false, 2));
    assertThat(performance.summary().estimates().get("f1").value()).isEqualTo(1);
    performance.corrected(new Outcome("a", 0.9, false, 1));
    assertThat(performance.summary().estimates().get("f1").value()).isZero();
  }
}
