// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.monitor.performance.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LabelShareTest {
  private static final int WINDOW = 1_000;
  private static final double LEVEL = 0.01;

  /** A finding a window but the first: positive at one share up to a row, at another from there. */
  private static List<DriftFinding> findings(long seed, int rows, int from, double a, double b) {
    SplittableRandom random = new SplittableRandom(seed);
    LabelShare share = new LabelShare(WINDOW, LEVEL);
    List<DriftFinding> findings = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      boolean positive = random.nextDouble() < (i < from ? a : b);
      DriftFinding finding = share.add(new Outcome("p" + i, 0.5, positive, 10L * i));
      if (finding != null) {
        findings.add(finding);
      }
    }
    return findings;
  }

  @Test
  void add_steadyShare_falseAlarmsStayBelowTheLevelPerWindow() {
    int alarms = 0;
    for (int seed = 0; seed < 500; seed++) {
      alarms +=
          (int)
              findings(seed, 4 * WINDOW, 0, 0.2, 0.2).stream()
                  .filter(DriftFinding::drifted)
                  .count();
    }
    double expected = 500 * 3 * LEVEL;
    assertThat(alarms).isLessThanOrEqualTo((int) (expected + 3 * Math.sqrt(expected)));
  }

  @Test
  void add_labelsBecomeMoreFrequent_isLabelDriftOfThatWindow() {
    List<DriftFinding> findings = findings(1, 4 * WINDOW, 2 * WINDOW, 0.1, 0.2);

    assertThat(findings).hasSize(3);
    assertThat(findings).allMatch(finding -> finding.kind() == Kind.LABEL);
    assertThat(findings).allMatch(finding -> finding.subject().equals("label"));
    assertThat(findings).extracting(DriftFinding::drifted).containsExactly(false, true, true);
    DriftFinding second = findings.get(1);
    assertThat(second.windowStartMs()).isEqualTo(10L * 2 * WINDOW);
    assertThat(second.windowEndMs()).isEqualTo(10L * (3 * WINDOW - 1));
    assertThat(second.effect()).matches("positive share 0\\.(09|10|11)\\d* → 0\\.(1[89]|2\\d)\\d*");
  }

  @Test
  void add_aTenthMore_isNotTold() {
    for (int seed = 0; seed < 50; seed++) {
      assertThat(findings(seed, 3 * WINDOW, WINDOW, 0.5, 0.55)).noneMatch(DriftFinding::drifted);
    }
  }

  @Test
  void add_positivesWhereThereWereNone_isDrift() {
    assertThat(findings(1, 2 * WINDOW, WINDOW, 0, 0.4)).allMatch(DriftFinding::drifted).hasSize(1);
    assertThat(findings(1, 2 * WINDOW, WINDOW, 0, 0)).noneMatch(DriftFinding::drifted).hasSize(1);
  }
}
