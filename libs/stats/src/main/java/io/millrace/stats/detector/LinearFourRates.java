// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Linear four rates: recall, specificity, precision and negative predictive value, each as a fading
 * average R ← η·R + (1 − η)·right, against the range that R keeps to while every outcome is right
 * with the rate's mean over all history. Source: Wang and Abraham, "Concept drift detection for
 * streaming data", IJCNN 2015.
 *
 * <p>Variant: the paper simulates the range (its BoundTable); here it is Chernoff's bound of the
 * same weighted sum of Bernoulli variables in its steady state, so it needs no random draws and a
 * single look never alarms more often than its level. The paper's averages start at ½; these are
 * divided by the weight seen so far instead, and judged once that weight is 1 − {@value #RESIDUE}.
 *
 * <p>Constant memory besides a small table of bounds; constant time. Not calibrated: the level
 * holds for one look at one rate, not for the many of a stream, and the mean over all history
 * blinds it slowly; {@link CalibratedFourRates} has neither fault. Kept for comparison.
 */
public final class LinearFourRates implements OutcomeDetector {
  /** Name of the algorithm. */
  public static final String NAME = "linear_four_rates";

  static final double RESIDUE = 0.05;

  private static final int STEPS = 200;
  private static final double LEAST_LEFT = 1e-4;
  private static final int NUMBERS = 3;

  private final double fading;
  private final double warningLevel;
  private final double driftLevel;
  private final long warmUp;
  private final double[] faded = new double[Rate.values().length];
  private final double[] right = new double[Rate.values().length];
  private final double[] seen = new double[Rate.values().length];
  private final Map<Integer, Bounds> bounds = new HashMap<>();
  private final Set<Rate> changed = EnumSet.noneOf(Rate.class);
  private DetectorState state = DetectorState.STABLE;

  /** Fading 0.99, warning at 0.01, drift at 0.00001 a look. */
  public LinearFourRates() {
    this(0.99, 0.01, 1e-5);
  }

  /**
   * With other parameters.
   *
   * @param fading weight of the past, within (0, 1)
   * @param warningLevel false-alarm probability of one look at one rate that is a warning
   * @param driftLevel the same for drift, at most {@code warningLevel}
   */
  public LinearFourRates(double fading, double warningLevel, double driftLevel) {
    if (!(fading > 0 && fading < 1)
        || !(driftLevel > 0 && driftLevel <= warningLevel && warningLevel < 1)) {
      throw new IllegalArgumentException(
          "need 0 < fading < 1 and 0 < driftLevel ≤ warningLevel < 1, were %s, %s, %s"
              .formatted(fading, driftLevel, warningLevel));
    }
    this.fading = fading;
    this.warningLevel = warningLevel;
    this.driftLevel = driftLevel;
    this.warmUp = (long) Math.ceil(Math.log(RESIDUE) / Math.log(fading));
    reset();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectorState update(boolean actual, boolean predicted) {
    if (state == DetectorState.DRIFT) {
      reset();
    }
    double hit = actual == predicted ? 1 : 0;
    state = DetectorState.STABLE;
    changed.clear();
    for (Rate rate : Rate.values()) {
      int i = rate.ordinal();
      if (rate.concerns(actual, predicted)) {
        faded[i] = fading * faded[i] + (1 - fading) * hit;
        right[i] += hit;
        seen[i]++;
      }
      if (seen[i] >= warmUp) {
        judge(rate, faded[i] / (1 - Math.pow(fading, seen[i])), right[i] / seen[i]);
      }
    }
    return state;
  }

  private void judge(Rate rate, double average, double mean) {
    Bounds below = bounds.computeIfAbsent((int) Math.floor(mean * STEPS), this::of);
    Bounds above = bounds.computeIfAbsent((int) Math.ceil(mean * STEPS), this::of);
    DetectorState found =
        average < below.driftLow || average > above.driftHigh
            ? DetectorState.DRIFT
            : average < below.warningLow || average > above.warningHigh
                ? DetectorState.WARNING
                : DetectorState.STABLE;
    if (found.compareTo(state) > 0) {
      changed.clear();
      state = found;
    }
    if (found == state && found != DetectorState.STABLE) {
      changed.add(rate);
    }
  }

  private record Bounds(double driftLow, double warningLow, double warningHigh, double driftHigh) {}

  /** The range at a rate of step/STEPS; it ends open where the rate does not leave room for it. */
  private Bounds of(int step) {
    double rate = Math.clamp((double) step, 1, STEPS - 1) / STEPS;
    boolean none = step == 0;
    boolean all = step == STEPS;
    return new Bounds(
        none ? Double.NEGATIVE_INFINITY : 1 - upper(1 - rate, driftLevel / 2),
        none ? Double.NEGATIVE_INFINITY : 1 - upper(1 - rate, warningLevel / 2),
        all ? Double.POSITIVE_INFINITY : upper(rate, warningLevel / 2),
        all ? Double.POSITIVE_INFINITY : upper(rate, driftLevel / 2));
  }

  /**
   * The r with exp(K(t) − t·r) = level at r = K′(t), where K is the cumulant function of R: by
   * Chernoff's bound P(R ≥ r) ≤ level. The exponent K(t) − t·K′(t) falls as the tilt t grows.
   */
  private double upper(double mean, double level) {
    double limit = Math.log(level);
    double low = 0;
    double high = 1;
    while (tilt(high, mean)[0] > limit) {
      low = high;
      high *= 2;
    }
    for (int i = 0; i < 30; i++) {
      double middle = (low + high) / 2;
      if (tilt(middle, mean)[0] > limit) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return tilt(high, mean)[1];
  }

  /** The exponent and K′ at a tilt. */
  private double[] tilt(double t, double mean) {
    double cumulant = 0;
    double slope = 0;
    double weight = 1 - fading;
    double left = 1;
    while (left > LEAST_LEFT) {
      double x = t * weight;
      // Written with e^−x, which cannot overflow.
      double tilted = mean + (1 - mean) * Math.exp(-x);
      cumulant += x + Math.log(tilted);
      slope += weight * mean / tilted;
      left -= weight;
      weight *= fading;
    }
    // The oldest outcomes together weigh so little that they add their mean.
    cumulant += t * left * mean;
    slope += left * mean;
    return new double[] {cumulant - t * slope, slope};
  }

  @Override
  public DetectorState state() {
    return state;
  }

  @Override
  public Set<Rate> changed() {
    return EnumSet.copyOf(changed);
  }

  @Override
  public void reset() {
    for (Rate rate : Rate.values()) {
      faded[rate.ordinal()] = 0;
      right[rate.ordinal()] = 0;
      seen[rate.ordinal()] = 0;
    }
    changed.clear();
    state = DetectorState.STABLE;
  }

  @Override
  public DetectorSnapshot snapshot() {
    int rates = faded.length;
    double[] numbers = new double[NUMBERS * rates + 2];
    int flags = 0;
    for (int i = 0; i < rates; i++) {
      numbers[NUMBERS * i] = faded[i];
      numbers[NUMBERS * i + 1] = right[i];
      numbers[NUMBERS * i + 2] = seen[i];
      flags |= changed.contains(Rate.values()[i]) ? 1 << i : 0;
    }
    numbers[NUMBERS * rates] = state.ordinal();
    numbers[NUMBERS * rates + 1] = flags;
    return new DetectorSnapshot(NAME, new double[] {fading, warningLevel, driftLevel}, numbers);
  }

  /**
   * A detector that goes on where another stood.
   *
   * @throws IllegalArgumentException if the snapshot is of another detector or is incomplete
   */
  public static LinearFourRates restore(DetectorSnapshot snapshot) {
    requireName(snapshot, NAME);
    double[] parameters = snapshot.parameters();
    double[] numbers = snapshot.state();
    try {
      LinearFourRates detector = new LinearFourRates(parameters[0], parameters[1], parameters[2]);
      int rates = detector.faded.length;
      int flags = (int) numbers[NUMBERS * rates + 1];
      for (int i = 0; i < rates; i++) {
        detector.faded[i] = numbers[NUMBERS * i];
        detector.right[i] = numbers[NUMBERS * i + 1];
        detector.seen[i] = numbers[NUMBERS * i + 2];
        if ((flags >> i & 1) == 1) {
          detector.changed.add(Rate.values()[i]);
        }
      }
      detector.state = DetectorState.values()[(int) numbers[NUMBERS * rates]];
      return detector;
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("incomplete snapshot of " + NAME, e);
    }
  }

  static void requireName(DetectorSnapshot snapshot, String name) {
    if (!snapshot.detector().equals(name)) {
      throw new IllegalArgumentException(
          "a snapshot of " + snapshot.detector() + ", not of " + name);
    }
  }
}
