// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A logistic model of one feature: p = 1/(1 + e^(−3x)), the truth drawn with the same p. */
class MarginDensityTest {
  private static final double WIDTH = 0.5;
  private static final int WINDOW = 200;

  private static double score(double x) {
    return 1 / (1 + Math.exp(-3 * x));
  }

  /** Two clouds at −2 and 2: few rows near the boundary at 0. */
  private static double draw(SplittableRandom random) {
    return random.nextGaussian() + (random.nextInt(2) == 0 ? 2 : -2);
  }

  private static MarginDensity learned() {
    SplittableRandom random = new SplittableRandom(1);
    List<MarginDensity.Fold> folds = new ArrayList<>();
    for (int f = 0; f < 5; f++) {
      double[] scores = new double[WINDOW];
      boolean[] actual = new boolean[WINDOW];
      for (int i = 0; i < WINDOW; i++) {
        scores[i] = score(draw(random));
        actual[i] = random.nextDouble() < scores[i];
      }
      folds.add(new MarginDensity.Fold(scores, actual));
    }
    return new MarginDensity(MarginDensity.reference(folds, WIDTH, WINDOW), WIDTH, WINDOW, 3);
  }

  /** Gives what it asks for: the labels of the rows that follow. */
  private static void run(
      MarginDensity detector, SplittableRandom random, int rows, double shift, boolean flipped) {
    for (int i = 0; i < rows; i++) {
      double score = score(draw(random) + shift);
      boolean actual = random.nextDouble() < (flipped ? 1 - score : score);
      boolean wanted = detector.update(score) == DetectorState.WARNING;
      if (wanted) {
        detector.label(score >= 0.5 == actual);
      }
    }
  }

  @Test
  void update_usualRows_stable() {
    MarginDensity detector = learned();
    run(detector, new SplittableRandom(2), 5_000, 0, false);
    assertThat(detector.state()).isEqualTo(DetectorState.STABLE);
    assertThat(detector.density()).isBetween(0.0, 0.25);
  }

  /** Rows far from the boundary move farther away: nothing that matters has changed. */
  @Test
  void update_driftAwayFromTheBoundary_noDrift() {
    MarginDensity detector = learned();
    for (int i = 0; i < 5_000; i++) {
      boolean positive = i % 2 == 0;
      if (detector.update(score(positive ? 6 : -6)) == DetectorState.WARNING) {
        detector.label(true);
      }
    }
    assertThat(detector.state()).isEqualTo(DetectorState.STABLE);
  }

  /** Both clouds move onto the boundary of the model: uncertain, and often wrong. */
  @Test
  void update_rowsMoveOntoTheBoundary_suspectedAndConfirmed() {
    MarginDensity detector = learned();
    SplittableRandom random = new SplittableRandom(3);
    run(detector, random, 1_000, 0, false);
    int delay = 0;
    while (detector.state() != DetectorState.WARNING) {
      detector.update(score(0.3 * random.nextGaussian()));
      assertThat(++delay).isLessThan(WINDOW);
    }
    assertThat(detector.labelsWanted()).isEqualTo(WINDOW);
    for (int i = 0; i < WINDOW; i++) {
      double score = score(0.3 * random.nextGaussian());
      detector.update(score);
      detector.label(score >= 0.5 == random.nextDouble() < score);
    }
    assertThat(detector.state()).isEqualTo(DetectorState.DRIFT);
    assertThat(detector.labelsWanted()).isZero();
    detector.restart(detector.reference());
    assertThat(detector.state()).isEqualTo(DetectorState.STABLE);
  }

  /** A suspicion that the labels deny makes the new density the usual one. */
  @Test
  void label_accuracyStands_suspicionIsTakenBack() {
    MarginDensity detector = learned();
    MarginDensity.Reference before = detector.reference();
    SplittableRandom random = new SplittableRandom(4);
    while (detector.state() != DetectorState.WARNING) {
      detector.update(score(0.1 * random.nextGaussian()));
    }
    for (int i = 0; i < WINDOW; i++) {
      detector.update(score(0.1 * random.nextGaussian()));
      detector.label(true);
    }
    assertThat(detector.state()).isEqualTo(DetectorState.STABLE);
    assertThat(detector.reference().density()).isGreaterThan(before.density());
  }

  /** The blind spot that its Javadoc names: the concept turns round, the scores do not move. */
  @Test
  void update_conceptTurnsRound_notSuspected() {
    MarginDensity detector = learned();
    run(detector, new SplittableRandom(5), 2_000, 0, true);
    assertThat(detector.state()).isEqualTo(DetectorState.STABLE);
  }

  @Test
  void snapshot_atEveryPoint_goesOnAlike() {
    MarginDensity whole = learned();
    MarginDensity moved = learned();
    SplittableRandom random = new SplittableRandom(6);
    for (int i = 0; i < 2_000; i++) {
      double score = i < 500 ? score(draw(random)) : random.nextDouble();
      boolean right = random.nextDouble() < 0.6;
      if (i % 37 == 0) {
        moved = MarginDensity.restore(DetectorSnapshot.fromBytes(moved.snapshot().toBytes()));
      }
      assertThat(moved.update(score)).isEqualTo(whole.update(score));
      assertThat(moved.label(right)).isEqualTo(whole.label(right));
    }
    assertThat(whole.state()).isEqualTo(DetectorState.DRIFT);
    assertThat(moved.snapshot()).isEqualTo(whole.snapshot());
  }

  @Test
  void update_badInput_refused() {
    MarginDensity detector = learned();
    double before = detector.density();
    assertThatThrownBy(() -> detector.update(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> detector.update(1.5)).hasMessageContaining("1.5");
    assertThat(detector.density()).isEqualTo(before);
    assertThatThrownBy(() -> MarginDensity.reference(List.of(), WIDTH, WINDOW))
        .hasMessageContaining("2 or more folds");
  }
}
