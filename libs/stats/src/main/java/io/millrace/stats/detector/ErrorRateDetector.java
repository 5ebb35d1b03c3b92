// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import java.util.Arrays;

/**
 * What DDM and EDDM share: errors of 0 and 1, a warm-up, two levels, and a fresh history after each
 * drift.
 */
abstract sealed class ErrorRateDetector implements DriftDetector permits Ddm, Eddm {
  private final String name;
  private final double[] parameters;
  private DetectorState state = DetectorState.STABLE;

  /** With the parameters that a snapshot holds: warm-up, level of warnings, level of drift. */
  ErrorRateDetector(String name, int warmUp, double warning, double drift) {
    this.name = name;
    this.parameters = new double[] {warmUp, warning, drift};
  }

  /** Takes the next error and answers with the state after it. */
  abstract DetectorState observe(double error, DetectorState before);

  /** Forgets the history. */
  abstract void forget();

  /** The history as numbers. */
  abstract double[] numbers();

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final DetectorState update(double error) {
    DriftDetector.requireError(error);
    DetectorState before = state;
    if (before == DetectorState.DRIFT) {
      reset();
      before = DetectorState.STABLE;
    }
    DetectorState after = observe(error, before);
    // Seldom another one: not to write it spares the collector's barrier.
    if (after != before) {
      state = after;
    }
    return after;
  }

  @Override
  public final DetectorState state() {
    return state;
  }

  @Override
  public final void reset() {
    forget();
    state = DetectorState.STABLE;
  }

  @Override
  public final DetectorSnapshot snapshot() {
    double[] history = numbers();
    double[] all = Arrays.copyOf(history, history.length + 1);
    all[history.length] = state.ordinal();
    return new DetectorSnapshot(name, parameters.clone(), all);
  }

  /** Takes the state from where a snapshot keeps it: behind the history. */
  final void restoreState(double number) {
    state = DetectorState.values()[(int) number];
  }
}
