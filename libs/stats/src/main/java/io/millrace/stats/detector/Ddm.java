// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

/**
 * Drift Detection Method on prediction errors (0 right, 1 wrong): drift when error rate plus its
 * standard deviation exceeds the least such sum seen by a number of deviations. Source: Gama et
 * al., "Learning with drift detection", SBIA 2004; defaults of that paper.
 *
 * <p>Constant memory and time. Not calibrated: its error rate is a mean over all history, so a long
 * quiet past blinds it, and its false-alarm rate grows with the stream. Kept for comparison.
 */
public final class Ddm implements DriftDetector {
  static final String NAME = "ddm";

  private final int warmUp;
  private final double warningLevel;
  private final double driftLevel;
  private long count;
  private double rate;
  private double leastRate;
  private double leastDeviation;
  private DetectorState state;

  /** Warning at 2 deviations, drift at 3, after 30 values. */
  public Ddm() {
    this(30, 2, 3);
  }

  /** With other levels, in standard deviations, and another warm-up, in values. */
  public Ddm(int warmUp, double warningLevel, double driftLevel) {
    if (warmUp < 1 || !(warningLevel > 0) || !(driftLevel >= warningLevel)) {
      throw new IllegalArgumentException(
          "need warmUp ≥ 1 and 0 < warningLevel ≤ driftLevel, were %d, %s, %s"
              .formatted(warmUp, warningLevel, driftLevel));
    }
    this.warmUp = warmUp;
    this.warningLevel = warningLevel;
    this.driftLevel = driftLevel;
    reset();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectorState update(double error) {
    DriftDetector.requireError(error);
    if (state == DetectorState.DRIFT) {
      reset();
    }
    count++;
    rate += (error - rate) / count;
    if (count <= warmUp) {
      return state;
    }
    double deviation = Math.sqrt(rate * (1 - rate) / count);
    if (rate + deviation <= leastRate + leastDeviation) {
      leastRate = rate;
      leastDeviation = deviation;
    }
    double level = rate + deviation;
    if (level > leastRate + driftLevel * leastDeviation) {
      state = DetectorState.DRIFT;
    } else if (level > leastRate + warningLevel * leastDeviation) {
      state = DetectorState.WARNING;
    } else {
      state = DetectorState.STABLE;
    }
    return state;
  }

  @Override
  public DetectorState state() {
    return state;
  }

  @Override
  public void reset() {
    count = 0;
    rate = 0;
    leastRate = Double.POSITIVE_INFINITY;
    leastDeviation = Double.POSITIVE_INFINITY;
    state = DetectorState.STABLE;
  }

  @Override
  public DetectorSnapshot snapshot() {
    return new DetectorSnapshot(
        NAME,
        new double[] {warmUp, warningLevel, driftLevel},
        new double[] {count, rate, leastRate, leastDeviation, state.ordinal()});
  }

  static Ddm restore(double[] parameters, double[] numbers) {
    Ddm detector = new Ddm((int) parameters[0], parameters[1], parameters[2]);
    detector.count = (long) numbers[0];
    detector.rate = numbers[1];
    detector.leastRate = numbers[2];
    detector.leastDeviation = numbers[3];
    detector.state = DetectorState.values()[(int) numbers[4]];
    return detector;
  }
}
