// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

/**
 * HDDM with averages, on values in [0, 1]: compares the mean of all values with the mean up to the
 * cut where it was lowest (or highest), by Hoeffding's bound. Source: Frías-Blanco et al., "Online
 * and non-parametric drift detection methods based on Hoeffding's bounds", IEEE TKDE 2015, A-test.
 *
 * <p>Constant memory and time. The bound holds for one comparison, not for the many of a stream.
 */
public final class HddmA implements DriftDetector {
  static final String NAME = "hddm_a";

  private final double driftConfidence;
  private final double warningConfidence;
  private final boolean twoSided;
  private final double cutScale;
  private final double driftScale;
  private final double warningScale;
  private double count;
  private double mean;
  private double lowCount;
  private double lowMean;
  private double highCount;
  private double highMean;
  // The least upper and the greatest lower bound of the mean so far.
  private double lowCut;
  private double highCut;
  private DetectorState state;

  /** Drift at 0.001, warning at 0.005, increases only. */
  public HddmA() {
    this(0.001, 0.005, false);
  }

  /** With other probabilities of a false alarm per comparison. */
  public HddmA(double driftConfidence, double warningConfidence, boolean twoSided) {
    if (!(driftConfidence > 0 && driftConfidence <= warningConfidence && warningConfidence < 1)) {
      throw new IllegalArgumentException(
          "need 0 < driftConfidence ≤ warningConfidence < 1, were %s and %s"
              .formatted(driftConfidence, warningConfidence));
    }
    this.driftConfidence = driftConfidence;
    this.warningConfidence = warningConfidence;
    this.twoSided = twoSided;
    this.cutScale = Math.log(1 / driftConfidence) / 2;
    this.driftScale = Math.log(2 / driftConfidence) / 2;
    this.warningScale = Math.log(2 / warningConfidence) / 2;
    reset();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectorState update(double value) {
    requireShare(value);
    if (state == DetectorState.DRIFT) {
      reset();
    }
    count++;
    mean += (value - mean) / count;
    double bound = Math.sqrt(cutScale / count);
    if (mean + bound <= lowCut) {
      lowCut = mean + bound;
      lowCount = count;
      lowMean = mean;
    }
    if (mean - bound >= highCut) {
      highCut = mean - bound;
      highCount = count;
      highMean = mean;
    }
    double rise = mean - lowMean;
    double fall = twoSided ? highMean - mean : Double.NEGATIVE_INFINITY;
    DetectorState after = DetectorState.STABLE;
    // The bound of a warning is the lower one.
    if (exceeds(rise, lowCount, warningScale) || exceeds(fall, highCount, warningScale)) {
      after =
          exceeds(rise, lowCount, driftScale) || exceeds(fall, highCount, driftScale)
              ? DetectorState.DRIFT
              : DetectorState.WARNING;
    }
    if (after != state) {
      state = after;
    }
    return after;
  }

  static void requireShare(double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("values must lie in [0, 1], was " + value);
    }
  }

  private boolean exceeds(double difference, double cut, double scale) {
    // A difference below zero exceeds nothing, and is the usual one.
    return difference >= 0
        && cut != count
        && difference >= Math.sqrt((count - cut) / (cut * count) * scale);
  }

  @Override
  public DetectorState state() {
    return state;
  }

  @Override
  public void reset() {
    count = 0;
    mean = 0;
    lowCount = 0;
    lowMean = 0;
    highCount = 0;
    highMean = 0;
    setCuts();
    state = DetectorState.STABLE;
  }

  private void setCuts() {
    lowCut = lowMean + Math.sqrt(cutScale / lowCount);
    highCut = highMean - Math.sqrt(cutScale / highCount);
  }

  @Override
  public DetectorSnapshot snapshot() {
    return new DetectorSnapshot(
        NAME,
        new double[] {driftConfidence, warningConfidence, twoSided ? 1 : 0},
        new double[] {count, mean, lowCount, lowMean, highCount, highMean, state.ordinal()});
  }

  static HddmA restore(double[] parameters, double[] numbers) {
    HddmA detector = new HddmA(parameters[0], parameters[1], parameters[2] == 1);
    detector.count = numbers[0];
    detector.mean = numbers[1];
    detector.lowCount = numbers[2];
    detector.lowMean = numbers[3];
    detector.highCount = numbers[4];
    detector.highMean = numbers[5];
    detector.setCuts();
    detector.state = DetectorState.values()[(int) numbers[6]];
    return detector;
  }
}
