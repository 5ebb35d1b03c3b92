// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every detector keeps to. */
class DetectorLawsTest {
  static Stream<String> names() {
    return Detectors.names().stream();
  }

  private static double[] stream(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[4000];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() < (i < 2000 ? 0.1 : 0.7) ? 1 : 0;
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("names")
  void snapshot_atEveryPoint_goesOnAlike(String name) {
    DriftDetector whole = Detectors.create(name);
    DriftDetector moved = Detectors.create(name);
    double[] values = stream(3);
    for (int i = 0; i < values.length; i++) {
      if (i % 97 == 0 || moved.state() == DetectorState.DRIFT) {
        moved = Detectors.restore(DetectorSnapshot.fromBytes(moved.snapshot().toBytes()));
      }
      assertThat(moved.update(values[i])).as("value %d", i).isEqualTo(whole.update(values[i]));
    }
    assertThat(moved.snapshot()).isEqualTo(whole.snapshot());
  }

  @ParameterizedTest
  @MethodSource("names")
  void update_largeChange_isFound(String name) {
    DriftDetector detector = Detectors.create(name);
    double[] values = stream(4);
    int found = -1;
    for (int i = 0; i < values.length && found < 0; i++) {
      if (detector.update(values[i]) == DetectorState.DRIFT && i >= 2000) {
        found = i;
      }
    }
    assertThat(found).isBetween(2000, 2400);
  }

  @ParameterizedTest
  @MethodSource("names")
  void reset_afterUse_likeNew(String name) {
    DriftDetector used = Detectors.create(name);
    for (double value : stream(5)) {
      used.update(value);
    }
    used.reset();
    DriftDetector fresh = Detectors.create(name);
    for (double value : stream(6)) {
      assertThat(used.update(value)).isEqualTo(fresh.update(value));
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void update_constantStream_neverDrift(String name) {
    for (double constant : new double[] {0, 1}) {
      DriftDetector detector = Detectors.create(name);
      for (int i = 0; i < 5000; i++) {
        assertThat(detector.update(constant)).isNotEqualTo(DetectorState.DRIFT);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void update_notANumber_refusedAndUnchanged(String name) {
    DriftDetector detector = Detectors.create(name);
    detector.update(1);
    DetectorSnapshot before = detector.snapshot();
    assertThatThrownBy(() -> detector.update(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> detector.update(Double.POSITIVE_INFINITY))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(detector.snapshot()).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("names")
  void update_numberBetween_refusedByThoseThatTakeErrorsOnly(String name) {
    DriftDetector detector = Detectors.create(name);
    if (Detectors.takesErrorsOnly(name)) {
      assertThatThrownBy(() -> detector.update(0.5)).isInstanceOf(IllegalArgumentException.class);
    } else {
      assertThat(detector.update(0.5)).isEqualTo(DetectorState.STABLE);
    }
  }

  /** A value so large that sums of it overflow is refused; it would blind the detector for good. */
  @ParameterizedTest
  @MethodSource("names")
  void update_hugeValues_refusedOrChangesStillFound(String name) {
    DriftDetector detector = Detectors.create(name);
    for (int i = 0; i < 3; i++) {
      try {
        detector.update(Double.MAX_VALUE);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("1.797");
      }
    }
    double[] values = stream(4);
    int found = -1;
    for (int i = 0; i < values.length && found < 0; i++) {
      if (detector.update(values[i]) == DetectorState.DRIFT && i >= 2000) {
        found = i;
      }
    }
    assertThat(found).isBetween(2000, 2400);
  }

  @ParameterizedTest
  @MethodSource("names")
  void restore_damagedNumbers_refusedOrGoesOn(String name) {
    DriftDetector used = Detectors.create(name);
    for (double value : stream(5)) {
      used.update(value);
    }
    DetectorSnapshot good = used.snapshot();
    for (double bad : new double[] {-1, 0.5, 7, 1e9, 1e300, Double.NaN}) {
      for (int i = 0; i < good.parameters().length; i++) {
        double[] parameters = good.parameters();
        parameters[i] = bad;
        goesOn(new DetectorSnapshot(name, parameters, good.state()));
      }
      for (int i = 0; i < Math.min(60, good.state().length); i++) {
        double[] state = good.state();
        state[i] = bad;
        goesOn(new DetectorSnapshot(name, good.parameters(), state));
      }
    }
  }

  private static void goesOn(DetectorSnapshot snapshot) {
    DriftDetector restored;
    try {
      restored = Detectors.restore(snapshot);
    } catch (IllegalArgumentException e) {
      return;
    }
    for (int i = 0; i < 100; i++) {
      assertThat(restored.update(i % 2)).isNotNull();
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void restore_incompleteSnapshot_refused(String name) {
    DetectorSnapshot cut = new DetectorSnapshot(name, new double[0], new double[0]);
    assertThatThrownBy(() -> Detectors.restore(cut)).isInstanceOf(IllegalArgumentException.class);
  }
}
