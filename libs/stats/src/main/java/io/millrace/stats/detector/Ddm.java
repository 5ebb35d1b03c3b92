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
public final class Ddm extends ErrorRateDetector {
  static final String NAME = "ddm";

  private final double warmUp;
  private final double warningLevel;
  private final double driftLevel;
  private double count;
  private double errors;
  private double leastRate = Double.POSITIVE_INFINITY;
  private double leastDeviation = Double.POSITIVE_INFINITY;
  // What the sum of rate and deviation is held against; they change with the least one only.
  private double least = Double.POSITIVE_INFINITY;
  private double warningLimit = Double.POSITIVE_INFINITY;
  private double driftLimit = Double.POSITIVE_INFINITY;

  /** Warning at 2 deviations, drift at 3, after 30 values. */
  public Ddm() {
    this(30, 2, 3);
  }

  /** With other levels, in standard deviations, and another warm-up, in values. */
  public Ddm(int warmUp, double warningLevel, double driftLevel) {
    super(NAME, warmUp, warningLevel, driftLevel);
    if (warmUp < 1 || !(warningLevel > 0) || !(driftLevel >= warningLevel)) {
      throw new IllegalArgumentException(
          "need warmUp ≥ 1 and 0 < warningLevel ≤ driftLevel, were %d, %s, %s"
              .formatted(warmUp, warningLevel, driftLevel));
    }
    this.warmUp = warmUp;
    this.warningLevel = warningLevel;
    this.driftLevel = driftLevel;
  }

  @Override
  DetectorState observe(double error, DetectorState before) {
    count++;
    errors += error;
    if (count <= warmUp) {
      return before;
    }
    double rate = errors / count;
    double deviation = Math.sqrt(rate * (1 - rate) / count);
    double level = rate + deviation;
    if (level <= least) {
      setLeast(rate, deviation);
    }
    if (level > warningLimit) {
      return level > driftLimit ? DetectorState.DRIFT : DetectorState.WARNING;
    }
    return DetectorState.STABLE;
  }

  private void setLeast(double rateThen, double deviationThen) {
    leastRate = rateThen;
    leastDeviation = deviationThen;
    least = rateThen + deviationThen;
    warningLimit = rateThen + warningLevel * deviationThen;
    driftLimit = rateThen + driftLevel * deviationThen;
  }

  @Override
  void forget() {
    count = 0;
    errors = 0;
    setLeast(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  @Override
  double[] numbers() {
    return new double[] {count, errors, leastRate, leastDeviation};
  }

  static Ddm restore(double[] parameters, double[] numbers) {
    Ddm detector = new Ddm((int) parameters[0], parameters[1], parameters[2]);
    detector.count = numbers[0];
    detector.errors = numbers[1];
    detector.setLeast(numbers[2], numbers[3]);
    detector.restoreState(numbers[4]);
    return detector;
  }
}
