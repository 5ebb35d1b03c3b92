// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

/**
 * Two-sided tabular CUSUM on standardised values z: S⁺ ← max(0, S⁺ + z − k), S⁻ ← max(0, S⁻ − z −
 * k), drift when either exceeds h, warning at h/2. Source: Page 1954; Montgomery, "Introduction to
 * statistical quality control". With k = 0.5 and h = 5 the mean run between false alarms is about
 * 465 values for a normal stream whose mean and deviation are known.
 *
 * <p>Constant memory and time. When mean and deviation are learnt from the first values instead,
 * false alarms come more often than that.
 */
public final class Cusum implements DriftDetector {
  static final String NAME = "cusum";

  private final int warmUp;
  private final double slack;
  private final double limit;
  private final double knownMean;
  private final double knownDeviation;
  private double count;
  // Values that the mean and the deviation are still to be learnt from.
  private final double learning;
  private double mean;
  private double squares;
  private double deviation;
  private double high;
  private double low;
  private DetectorState state;

  /** Learns mean and deviation from 100 values; k = 0.5, h = 5. */
  public Cusum() {
    this(100, 0.5, 5, Double.NaN, Double.NaN);
  }

  private Cusum(int warmUp, double slack, double limit, double mean, double deviation) {
    if (warmUp < 2 || !(slack >= 0) || !(limit > 0) || deviation <= 0) {
      throw new IllegalArgumentException(
          "need warmUp ≥ 2, slack ≥ 0, limit > 0, deviation > 0, were %d, %s, %s, %s"
              .formatted(warmUp, slack, limit, deviation));
    }
    this.warmUp = warmUp;
    this.slack = slack;
    this.limit = limit;
    this.knownMean = mean;
    this.knownDeviation = deviation;
    this.learning = Double.isNaN(mean) ? warmUp : 0;
    reset();
  }

  /**
   * Learns mean and deviation from the first values of each history.
   *
   * @param slack k, in deviations: half the change that should be found quickest
   * @param limit h, in deviations
   */
  public static Cusum learning(int warmUp, double slack, double limit) {
    return new Cusum(warmUp, slack, limit, Double.NaN, Double.NaN);
  }

  /** Watches around a mean and a positive standard deviation that are known. */
  public static Cusum around(double mean, double deviation, double slack, double limit) {
    DriftDetector.requireFinite(mean);
    DriftDetector.requireFinite(deviation);
    return new Cusum(2, slack, limit, mean, deviation);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectorState update(double value) {
    DriftDetector.requireSummable(value);
    if (state == DetectorState.DRIFT) {
      reset();
    }
    count++;
    if (count <= learning) {
      double delta = value - mean;
      mean += delta / count;
      squares += delta * (value - mean);
      if (count == learning) {
        deviation = Math.sqrt(squares / (warmUp - 1));
      }
      return state;
    }
    double miss = value - mean;
    // A constant past has no scale: any other value is then a change.
    double z = deviation > 0 ? miss / deviation : miss == 0 ? 0 : Math.copySign(1e300, miss);
    high = DriftDetector.positivePart(high + (z - slack));
    low = DriftDetector.positivePart(low - (z + slack));
    DetectorState after =
        high > limit || low > limit
            ? DetectorState.DRIFT
            : high > limit / 2 || low > limit / 2 ? DetectorState.WARNING : DetectorState.STABLE;
    if (after != state) {
      state = after;
    }
    return after;
  }

  @Override
  public DetectorState state() {
    return state;
  }

  @Override
  public void reset() {
    count = 0;
    mean = learning > 0 ? 0 : knownMean;
    squares = 0;
    deviation = learning > 0 ? 0 : knownDeviation;
    high = 0;
    low = 0;
    state = DetectorState.STABLE;
  }

  @Override
  public DetectorSnapshot snapshot() {
    return new DetectorSnapshot(
        NAME,
        new double[] {warmUp, slack, limit, knownMean, knownDeviation},
        new double[] {count, mean, squares, high, low, state.ordinal()});
  }

  static Cusum restore(double[] parameters, double[] numbers) {
    Cusum detector =
        new Cusum((int) parameters[0], parameters[1], parameters[2], parameters[3], parameters[4]);
    detector.count = numbers[0];
    if (detector.learning > 0) {
      detector.mean = numbers[1];
      detector.squares = numbers[2];
      detector.deviation = Math.sqrt(detector.squares / (detector.warmUp - 1));
    }
    detector.high = numbers[3];
    detector.low = numbers[4];
    detector.state = DetectorState.values()[(int) numbers[5]];
    return detector;
  }
}
