// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

/**
 * HDDM with exponentially weighted averages, on values in [0, 1], by McDiarmid's bound: reacts
 * faster to gradual change than {@link HddmA}. Source: Frías-Blanco et al., IEEE TKDE 2015, W-test.
 *
 * <p>Constant memory and time. The bound holds for one comparison, not for the many of a stream.
 */
public final class HddmW implements DriftDetector {
  static final String NAME = "hddm_w";

  private final double driftConfidence;
  private final double warningConfidence;
  private final double weight;
  private final boolean twoSided;
  private final double driftScale;
  private final double warningScale;
  private final double keptSquares;
  private final double newSquares;
  private final Average all;
  private final Average beforeRise;
  private final Average afterRise;
  private final Average beforeFall;
  private final Average afterFall;
  private double riseCut;
  private double fallCut;
  private DetectorState state = DetectorState.STABLE;

  /** Drift at 0.001, warning at 0.005, weight 0.05 for the newest value, increases only. */
  public HddmW() {
    this(0.001, 0.005, 0.05, false);
  }

  /**
   * With other parameters.
   *
   * @param weight of the newest value, within (0, 1)
   */
  public HddmW(double driftConfidence, double warningConfidence, double weight, boolean twoSided) {
    if (!(driftConfidence > 0 && driftConfidence <= warningConfidence && warningConfidence < 1)
        || !(weight > 0 && weight < 1)) {
      throw new IllegalArgumentException(
          "need 0 < driftConfidence ≤ warningConfidence < 1 and 0 < weight < 1, were %s, %s, %s"
              .formatted(driftConfidence, warningConfidence, weight));
    }
    this.driftConfidence = driftConfidence;
    this.warningConfidence = warningConfidence;
    this.weight = weight;
    this.twoSided = twoSided;
    this.driftScale = Math.log(1 / driftConfidence) / 2;
    this.warningScale = Math.log(1 / warningConfidence) / 2;
    this.keptSquares = (1 - weight) * (1 - weight);
    this.newSquares = weight * weight;
    all = new Average();
    beforeRise = new Average();
    afterRise = new Average();
    beforeFall = new Average();
    afterFall = new Average();
    reset();
  }

  /** A weighted mean and the sum of its squared weights, which the bound needs. */
  private final class Average {
    private boolean started;
    private double mean;
    private double squares = 1;

    void add(double value) {
      mean = started ? mean + weight * (value - mean) : value;
      started = true;
      squares = newSquares + keptSquares * squares;
    }

    void copy(Average other) {
      started = other.started;
      mean = other.mean;
      squares = other.squares;
    }

    void clear() {
      started = false;
      mean = 0;
      squares = 1;
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectorState update(double value) {
    HddmA.requireShare(value);
    if (state == DetectorState.DRIFT) {
      reset();
    }
    all.add(value);
    double bound = Math.sqrt(all.squares * driftScale);
    if (all.mean + bound < riseCut) {
      riseCut = all.mean + bound;
      beforeRise.copy(all);
      afterRise.clear();
    } else {
      afterRise.add(value);
    }
    if (twoSided) {
      watchFall(value, bound);
    }
    DetectorState after = DetectorState.STABLE;
    // The bound of a warning is the lower one.
    if (changed(warningScale)) {
      after = changed(driftScale) ? DetectorState.DRIFT : DetectorState.WARNING;
    }
    if (after != state) {
      state = after;
    }
    return after;
  }

  private void watchFall(double value, double bound) {
    if (all.mean - bound > fallCut) {
      fallCut = all.mean - bound;
      beforeFall.copy(all);
      afterFall.clear();
    } else {
      afterFall.add(value);
    }
  }

  private boolean changed(double scale) {
    return grown(beforeRise, afterRise, scale) || (twoSided && grown(afterFall, beforeFall, scale));
  }

  private static boolean grown(Average before, Average after, double scale) {
    double growth = after.mean - before.mean;
    return growth > 0
        && before.started
        && after.started
        && growth > Math.sqrt((before.squares + after.squares) * scale);
  }

  @Override
  public DetectorState state() {
    return state;
  }

  @Override
  public void reset() {
    for (Average average : averages()) {
      average.clear();
    }
    riseCut = Double.POSITIVE_INFINITY;
    fallCut = Double.NEGATIVE_INFINITY;
    state = DetectorState.STABLE;
  }

  private Average[] averages() {
    return new Average[] {all, beforeRise, afterRise, beforeFall, afterFall};
  }

  @Override
  public DetectorSnapshot snapshot() {
    double[] numbers = new double[18];
    int at = 0;
    for (Average average : averages()) {
      numbers[at++] = average.started ? 1 : 0;
      numbers[at++] = average.mean;
      numbers[at++] = average.squares;
    }
    numbers[at++] = riseCut;
    numbers[at++] = fallCut;
    numbers[at] = state.ordinal();
    return new DetectorSnapshot(
        NAME, new double[] {driftConfidence, warningConfidence, weight, twoSided ? 1 : 0}, numbers);
  }

  static HddmW restore(double[] parameters, double[] numbers) {
    HddmW detector = new HddmW(parameters[0], parameters[1], parameters[2], parameters[3] == 1);
    int at = 0;
    for (Average average : detector.averages()) {
      average.started = numbers[at++] == 1;
      average.mean = numbers[at++];
      average.squares = numbers[at++];
    }
    detector.riseCut = numbers[at++];
    detector.fallCut = numbers[at++];
    detector.state = DetectorState.values()[(int) numbers[at]];
    return detector;
  }
}
