// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

/**
 * Early Drift Detection Method on prediction errors (0 right, 1 wrong): watches the distance
 * between errors, drift when mean plus two deviations of it falls below a share of the largest such
 * sum seen. Source: Baena-García et al., "Early drift detection method", 2006; defaults of that
 * paper.
 *
 * <p>Constant memory and time. Raises many false alarms on stationary streams; kept for comparison.
 */
public final class Eddm extends ErrorRateDetector {
  static final String NAME = "eddm";

  private final int warmUp;
  private final double warningShare;
  private final double driftShare;
  private long count;
  private long lastError;
  private long errors;
  private double meanDistance;
  private double squares;
  private double largest = -1;

  /** Warning below 0.95, drift below 0.9, after 30 errors. */
  public Eddm() {
    this(30, 0.95, 0.9);
  }

  /** With other shares of the largest distance seen, and another warm-up, in errors. */
  public Eddm(int warmUp, double warningShare, double driftShare) {
    super(NAME, warmUp, warningShare, driftShare);
    if (warmUp < 1 || !(driftShare > 0) || !(warningShare >= driftShare && warningShare <= 1)) {
      throw new IllegalArgumentException(
          "need warmUp ≥ 1 and 0 < driftShare ≤ warningShare ≤ 1, were %d, %s, %s"
              .formatted(warmUp, driftShare, warningShare));
    }
    this.warmUp = warmUp;
    this.warningShare = warningShare;
    this.driftShare = driftShare;
  }

  @Override
  DetectorState observe(double error, DetectorState before) {
    count++;
    if (error == 0) {
      return before;
    }
    errors++;
    double distance = count - lastError;
    double delta = distance - meanDistance;
    meanDistance += delta / errors;
    squares += delta * (distance - meanDistance);
    lastError = count;
    if (count <= warmUp) {
      return before;
    }
    double deviation = Math.sqrt(squares / errors);
    double level = meanDistance + 2 * deviation;
    if (level > largest) {
      largest = level;
      return before;
    }
    if (errors <= warmUp) {
      return before;
    }
    double share = level / largest;
    return share < driftShare
        ? DetectorState.DRIFT
        : share < warningShare ? DetectorState.WARNING : DetectorState.STABLE;
  }

  @Override
  void forget() {
    count = 0;
    lastError = 0;
    errors = 0;
    meanDistance = 0;
    squares = 0;
    largest = -1;
  }

  @Override
  double[] numbers() {
    return new double[] {count, lastError, errors, meanDistance, squares, largest};
  }

  static Eddm restore(double[] parameters, double[] numbers) {
    Eddm detector = new Eddm((int) parameters[0], parameters[1], parameters[2]);
    detector.count = (long) numbers[0];
    detector.lastError = (long) numbers[1];
    detector.errors = (long) numbers[2];
    detector.meanDistance = numbers[3];
    detector.squares = numbers[4];
    detector.largest = numbers[5];
    detector.restoreState(numbers[6]);
    return detector;
  }
}
