// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.hipparchus.special.Gamma;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnytimeValidTest {

  /** The promise: at most the stated share of stationary streams ever raises drift. */
  @ParameterizedTest
  @CsvSource({"0.2, 1", "0.5, 1", "0.02, 1", "0.3, 5"})
  void update_thousandStationaryStreams_falseAlarmsWithinTheLevel(double rate, int parts) {
    double level = 0.05;
    int alarmed = 0;
    for (int run = 0; run < 1000; run++) {
      SplittableRandom random = new SplittableRandom(run);
      AnytimeValid detector = new AnytimeValid(level);
      boolean alarm = false;
      for (int i = 0; i < 5_000 && !alarm; i++) {
        double sum = 0;
        for (int part = 0; part < parts; part++) {
          sum += random.nextDouble() < rate ? 1 : 0;
        }
        alarm = detector.update(sum / parts) == DetectorState.DRIFT;
      }
      alarmed += alarm ? 1 : 0;
    }
    assertThat(alarmed / 1000.0).isLessThanOrEqualTo(level);
  }

  /** What the standard detectors miss: a small rise after millions of quiet values. */
  @ParameterizedTest
  @CsvSource({"5000000, 0.2, 0.3, 3000", "5000000, 0.2, 0.5, 300", "10000, 0.05, 0.1, 3000"})
  void update_changeAfterALongPast_foundSoonAndPlaced(
      int past, double before, double after, int longestDelay) {
    SplittableRandom random = new SplittableRandom(11);
    AnytimeValid detector = new AnytimeValid(0.01);
    for (int i = 0; i < past; i++) {
      DetectorState state = detector.update(random.nextDouble() < before ? 1 : 0);
      assertThat(state == DetectorState.DRIFT).isFalse();
    }
    int delay = 0;
    while (delay < longestDelay
        && detector.update(random.nextDouble() < after ? 1 : 0) != DetectorState.DRIFT) {
      delay++;
    }
    assertThat(delay).isLessThan(longestDelay);
    int found = delay;
    System.out.printf("delay %s -> %s after %d: %d%n", before, after, past, found);
    assertThat(detector.change())
        .hasValueSatisfying(
            change -> {
              assertThat(change.rose()).isTrue();
              assertThat((double) change.valuesBefore())
                  .isBetween(past - 0.5 * found - 32, past + 0.5 * found + 32);
              assertThat(change.meanBefore()).isBetween(before - 0.02, before + 0.02);
            });
    assertThat(detector.snapshot().state().length).isLessThan(400);
  }

  @Test
  void update_fallingMean_foundToo() {
    SplittableRandom random = new SplittableRandom(2);
    AnytimeValid detector = new AnytimeValid();
    for (int i = 0; i < 3000; i++) {
      detector.update(random.nextDouble() < 0.8 ? 1 : 0);
    }
    int delay = 0;
    while (detector.update(random.nextDouble() < 0.4 ? 1 : 0) != DetectorState.DRIFT) {
      assertThat(++delay).isLessThan(300);
    }
    assertThat(detector.change()).hasValueSatisfying(c -> assertThat(c.rose()).isFalse());
  }

  /** The shares of all starting points together: what the promise rests on. */
  @Test
  void shares_allStarts_sumToLessThanOne() {
    double sum = 0;
    int last = 20_000_000;
    for (int j = last; j >= 2; j--) {
      double log = Math.log(j);
      sum += 1 / (2.11 * j * log * log);
    }
    double tail = 1 / (2.11 * Math.log(last)); // ∫ dx/(x ln² x) from the last one on
    assertThat(sum + tail).isLessThan(1);
  }

  /** Losses of small variance are judged by their variance, not by their range. */
  @Test
  void update_smallVariance_smallChangeFound() {
    SplittableRandom random = new SplittableRandom(2);
    AnytimeValid detector = new AnytimeValid();
    for (int i = 0; i < 20_000; i++) {
      detector.update(0.3 + 0.02 * random.nextDouble());
    }
    int delay = 0;
    while (detector.update(0.32 + 0.02 * random.nextDouble()) != DetectorState.DRIFT) {
      assertThat(++delay).isLessThan(3000);
    }
  }

  /**
   * The regret of the mixture is at most ½ ln n + ln 2 for every sum, whole or not; the detector
   * uses that bound in place of the mixture itself.
   */
  @Test
  void mixture_everySum_regretWithinTheBound() {
    for (int n : new int[] {1, 2, 3, 5, 16, 64, 1000, 100_000}) {
      for (int step = 0; step <= 400; step++) {
        double sum = n * step / 400.0;
        double p = sum / n;
        double best =
            (sum == 0 ? 0 : sum * Math.log(p)) + (sum == n ? 0 : (n - sum) * Math.log(1 - p));
        double mixed =
            Gamma.logGamma(sum + 0.5)
                + Gamma.logGamma(n - sum + 0.5)
                - Gamma.logGamma(n + 1)
                - Math.log(Math.PI);
        assertThat(best - mixed).isLessThanOrEqualTo(0.5 * Math.log(n) + Math.log(2) + 1e-9);
      }
    }
  }
}
