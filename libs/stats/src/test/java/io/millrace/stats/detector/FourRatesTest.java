// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What both detectors of labelled outcomes keep to. */
class FourRatesTest {
  record Kind(
      String name,
      Supplier<OutcomeDetector> make,
      Function<DetectorSnapshot, OutcomeDetector> restore) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Kind> kinds() {
    return List.of(
        new Kind(LinearFourRates.NAME, LinearFourRates::new, LinearFourRates::restore),
        new Kind(CalibratedFourRates.NAME, CalibratedFourRates::new, CalibratedFourRates::restore));
  }

  /** Half of the rows are positive; a classifier with the given rates answers. */
  private static final class Stream {
    private final SplittableRandom random;
    private double error;

    Stream(long seed) {
      random = new SplittableRandom(seed);
    }

    DetectorState next(OutcomeDetector detector, double recall, double specificity) {
      boolean actual = random.nextInt(2) == 0;
      boolean right = random.nextDouble() < (actual ? recall : specificity);
      error = right ? 0 : 1;
      return detector.update(actual, actual == right);
    }
  }

  /** Recall 0.9 → 0.7 while specificity goes 0.7 → 0.9: the error rate stays at 0.2. */
  @ParameterizedTest
  @MethodSource("kinds")
  void update_changeAtConstantAccuracy_foundThoughTheErrorRateStands(Kind kind) {
    for (int seed = 0; seed < 20; seed++) {
      OutcomeDetector detector = kind.make().get();
      DriftDetector errors = new AnytimeValid();
      Stream stream = new Stream(seed);
      for (int i = 0; i < 3000; i++) {
        assertThat(stream.next(detector, 0.9, 0.7)).isNotEqualTo(DetectorState.DRIFT);
        errors.update(stream.error);
      }
      int delay = 0;
      while (stream.next(detector, 0.7, 0.9) != DetectorState.DRIFT) {
        assertThat(errors.update(stream.error)).isNotEqualTo(DetectorState.DRIFT);
        assertThat(++delay).as("seed %d", seed).isLessThan(1500);
      }
      assertThat(detector.changed()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void update_onlyRecallFalls_recallIsNamed(Kind kind) {
    OutcomeDetector detector = kind.make().get();
    Stream stream = new Stream(5);
    for (int i = 0; i < 3000; i++) {
      stream.next(detector, 0.9, 0.9);
    }
    for (int delay = 0; stream.next(detector, 0.4, 0.9) != DetectorState.DRIFT; delay++) {
      assertThat(delay).isLessThan(500);
    }
    assertThat(detector.changed()).contains(Rate.RECALL).doesNotContain(Rate.SPECIFICITY);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void snapshot_atEveryPoint_goesOnAlike(Kind kind) {
    OutcomeDetector whole = kind.make().get();
    OutcomeDetector moved = kind.make().get();
    Stream one = new Stream(3);
    Stream two = new Stream(3);
    for (int i = 0; i < 3000; i++) {
      double recall = i < 1500 ? 0.9 : 0.4;
      if (i % 97 == 0 || moved.state() == DetectorState.DRIFT) {
        moved = kind.restore().apply(DetectorSnapshot.fromBytes(moved.snapshot().toBytes()));
      }
      assertThat(two.next(moved, recall, 0.8)).isEqualTo(one.next(whole, recall, 0.8));
      assertThat(moved.changed()).isEqualTo(whole.changed());
    }
    assertThat(moved.snapshot()).isEqualTo(whole.snapshot());
    DetectorSnapshot other = new DetectorSnapshot("other", new double[0], new double[0]);
    assertThatThrownBy(() -> kind.restore().apply(other)).hasMessageContaining("other");
    DetectorSnapshot cut = new DetectorSnapshot(whole.name(), new double[0], new double[0]);
    assertThatThrownBy(() -> kind.restore().apply(cut))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void update_alwaysRightOrOneClass_neverDrift(Kind kind) {
    for (int mode = 0; mode < 4; mode++) {
      OutcomeDetector detector = kind.make().get();
      for (int i = 0; i < 5000; i++) {
        boolean actual = mode == 0 ? i % 2 == 0 : mode % 2 == 0;
        boolean predicted = mode < 3 == actual;
        assertThat(detector.update(actual, predicted)).isEqualTo(DetectorState.STABLE);
        assertThat(detector.changed()).isEmpty();
      }
    }
  }

  /** At most the stated share of stationary streams ever raises drift. */
  @ParameterizedTest
  @CsvSource({"0.9, 0.7", "0.5, 0.5", "0.99, 0.6"})
  void calibrated_thousandStationaryStreams_falseAlarmsWithinTheLevel(
      double recall, double specificity) {
    double level = 0.05;
    int alarmed = 0;
    for (int run = 0; run < 1000; run++) {
      Stream stream = new Stream(run);
      CalibratedFourRates detector = new CalibratedFourRates(level);
      boolean alarm = false;
      for (int i = 0; i < 5_000 && !alarm; i++) {
        alarm = stream.next(detector, recall, specificity) == DetectorState.DRIFT;
      }
      alarmed += alarm ? 1 : 0;
    }
    assertThat(alarmed / 1000.0).isLessThanOrEqualTo(level);
  }

  /** One look at one rate alarms at most at its level: Chernoff's bound against a simulation. */
  @Test
  void linear_manyLooksFarApart_warningsWithinTheLevel() {
    double level = 0.05;
    for (double rate : new double[] {0.98, 0.8, 0.5}) {
      LinearFourRates detector = new LinearFourRates(0.9, level, 1e-9);
      SplittableRandom random = new SplittableRandom(1);
      int looks = 0;
      int warnings = 0;
      for (int i = 0; i < 400_000; i++) {
        DetectorState state = detector.update(true, random.nextDouble() < rate);
        // 50 outcomes fade the past to half a per cent: the looks are as good as independent.
        if (i >= 1000 && i % 50 == 0) {
          looks++;
          warnings +=
              detector.changed().contains(Rate.RECALL) && state != DetectorState.STABLE ? 1 : 0;
        }
      }
      assertThat(warnings / (double) looks).as("rate %s", rate).isLessThanOrEqualTo(level);
    }
  }

  /** What the standard one misses: a small change after millions of quiet outcomes. */
  @Test
  void calibrated_changeAfterALongPast_foundSoon() {
    CalibratedFourRates detector = new CalibratedFourRates();
    Stream stream = new Stream(4);
    for (int i = 0; i < 1_000_000; i++) {
      assertThat(stream.next(detector, 0.9, 0.8) == DetectorState.DRIFT).isFalse();
    }
    int delay = 0;
    while (stream.next(detector, 0.8, 0.8) != DetectorState.DRIFT) {
      assertThat(++delay).isLessThan(5000);
    }
    assertThat(detector.changed()).contains(Rate.RECALL);
  }
}
