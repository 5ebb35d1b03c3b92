// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.stats.test.ClassifierTwoSample;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** An exclusive or of three among twenty-five inputs, where trees are too few to stumble on it. */
final class ThreesTogetherTest {
  private static final int WIDTH = 25;
  private static final int ROWS = 2_000;
  private static final double LEVEL = 0.01;
  private static final double AREA_LEAST = 0.5 + JointRows.AREA_LEAST;

  private static double[][] rows(long seed, double tied) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[ROWS][];
    for (int i = 0; i < ROWS; i++) {
      double[] row = random.doubles(WIDTH).toArray();
      boolean positive = (row[3] - 0.5) * (row[11] - 0.5) * (row[20] - 0.5) > 0;
      row[20] = positive == random.nextDouble() < tied ? row[20] : 1 - row[20];
      rows[i] = row;
    }
    return rows;
  }

  private static List<ThreesTogether.Change> changed(long seed, double tied) {
    return ThreesTogether.of(rows(seed, 0.5))
        .changed(ThreesTogether.of(rows(1_000 + seed, tied)), new double[0], 2, LEVEL);
  }

  @Test
  void changed_exclusiveOrOfThree_isNamedOnEverySeedAndNothingElseIs() {
    int byTrees = 0;
    for (int seed = 0; seed < 50; seed++) {
      ThreesTogether.Change change = changed(seed, 0.9).getFirst();
      assertThat(List.of(change.first(), change.second(), change.third()))
          .containsExactly(3, 11, 20);
      assertThat(change.now()).isGreaterThan(0.4);
      assertThat(changed(seed, 0.9)).hasSize(1);
      if (seed < 5) {
        ClassifierTwoSample.Outcome trees =
            ClassifierTwoSample.test(rows(seed, 0.5), rows(1_000 + seed, 0.9), seed);
        byTrees += trees.separability() >= AREA_LEAST ? 1 : 0;
      }
    }
    System.out.printf("exclusive or among %d inputs: 50 of 50, trees %d of 5%n", WIDTH, byTrees);
    assertThat(byTrees).as("else it would not be needed").isLessThan(5);
  }

  @Test
  void changed_independentInputs_nothing() {
    for (int seed = 100; seed < 200; seed++) {
      assertThat(changed(seed, 0.5)).isEmpty();
    }
  }

  @Test
  void changed_usualInTraining_isNotTold() {
    ThreesTogether reference = ThreesTogether.of(rows(1, 0.5));
    ThreesTogether now = ThreesTogether.of(rows(2, 0.9));
    double[] usual = reference.most(List.of(ThreesTogether.of(rows(3, 0.9))));
    assertThat(reference.changed(now, usual, 2, LEVEL)).isEmpty();
  }

  @Test
  void of_fewerThanThreeInputs_saysNothing() {
    ThreesTogether two = ThreesTogether.of(new double[][] {{0.1, 0.2}, {0.3, 0.4}});
    assertThat(two.changed(two, new double[0], 2, LEVEL)).isEmpty();
  }
}
