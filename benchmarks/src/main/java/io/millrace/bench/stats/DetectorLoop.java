// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.stats.detector.DetectorState;
import io.millrace.stats.detector.Detectors;
import io.millrace.stats.detector.DriftDetector;
import java.util.SplittableRandom;
import moa.classifiers.core.driftdetection.ChangeDetector;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What JMH runs: one detector of ours or of MOA over a stationary stream of errors, for ever. */
@State(Scope.Thread)
public class DetectorLoop {
  /** Values of one invocation. */
  static final int VALUES = 1 << 20;

  /** {@code own:NAME} or {@code moa:NAME}, the name as in {@link Detectors}. */
  @Param("own:adwin")
  public String detector = "";

  private final double[] values = new double[VALUES];
  private Loop loop = unused -> 0;

  /** Feeds all values; the number of drifts is what keeps the work from being left out. */
  private interface Loop {
    int drifts(double[] values);
  }

  /** Makes the detector and the stream: an error in one of five, seeded. */
  @Setup
  public void prepare() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() < 0.2 ? 1 : 0;
    }
    String name = detector.substring(4);
    loop =
        detector.startsWith("own:") ? own(Detectors.create(name)) : moa(MoaDetectors.create(name));
  }

  /** All values once. */
  @Benchmark
  @OperationsPerInvocation(VALUES)
  public int update() {
    return loop.drifts(values);
  }

  private static Loop own(DriftDetector detector) {
    return values -> {
      int drifts = 0;
      for (double value : values) {
        if (detector.update(value) == DetectorState.DRIFT) {
          drifts++;
        }
      }
      return drifts;
    };
  }

  private static Loop moa(ChangeDetector detector) {
    return values -> {
      int drifts = 0;
      for (double value : values) {
        detector.input(value);
        if (detector.getChange()) {
          drifts++;
        }
      }
      return drifts;
    };
  }
}
