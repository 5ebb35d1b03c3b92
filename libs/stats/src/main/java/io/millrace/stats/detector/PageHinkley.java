// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

/**
 * Page-Hinkley test for a rise of the mean, in the form whose sum never falls below 0: S ← max(0,
 * α·S + x − mean − δ), drift when S reaches λ. Source: Page, "Continuous inspection schemes",
 * Biometrika 1954, with the fading factor of Gama et al. 2013. For a fall, feed the negated values.
 *
 * <p>Constant memory and time. λ is in the unit of the values; nothing ties it to a false-alarm
 * rate. The mean is over all history, so a change after a long past is still seen, because the sum
 * forgets but the mean does not move.
 */
public final class PageHinkley implements DriftDetector {
  static final String NAME = "page_hinkley";

  private final double warmUp;
  private final double delta;
  private final double lambda;
  private final double alpha;
  private double count;
  private double total;
  private double sum;
  private DetectorState state;

  /** The customary defaults: 30 values of warm-up, δ = 0.005, λ = 50, α = 0.9999. */
  public PageHinkley() {
    this(30, 0.005, 50, 0.9999);
  }

  /**
   * With other parameters.
   *
   * @param delta change of the mean that is tolerated
   * @param lambda sum that is drift, positive
   * @param alpha fading factor, within (0, 1]
   */
  public PageHinkley(int warmUp, double delta, double lambda, double alpha) {
    if (warmUp < 1 || !(lambda > 0) || !(alpha > 0 && alpha <= 1) || !Double.isFinite(delta)) {
      throw new IllegalArgumentException(
          "need warmUp ≥ 1, lambda > 0 and 0 < alpha ≤ 1, were %d, %s, %s"
              .formatted(warmUp, lambda, alpha));
    }
    this.warmUp = warmUp;
    this.delta = delta;
    this.lambda = lambda;
    this.alpha = alpha;
    reset();
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
    total += value;
    double mean = total / count;
    sum = DriftDetector.positivePart(alpha * sum + (value - mean - delta));
    // One value early, because implementations count from 1 and the known answers depend on it.
    if (sum >= lambda && count + 1 >= warmUp) {
      state = DetectorState.DRIFT;
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
    total = 0;
    sum = 0;
    state = DetectorState.STABLE;
  }

  @Override
  public DetectorSnapshot snapshot() {
    return new DetectorSnapshot(
        NAME,
        new double[] {warmUp, delta, lambda, alpha},
        new double[] {count, total, sum, state.ordinal()});
  }

  static PageHinkley restore(double[] parameters, double[] numbers) {
    PageHinkley detector =
        new PageHinkley((int) parameters[0], parameters[1], parameters[2], parameters[3]);
    detector.count = numbers[0];
    detector.total = numbers[1];
    detector.sum = numbers[2];
    detector.state = DetectorState.values()[(int) numbers[3]];
    return detector;
  }
}
