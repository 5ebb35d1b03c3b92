// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

/**
 * Statistical process control of an error rate with Shewhart's p chart: the first values set the
 * centre line, then each batch of values is one point. Drift when a point lies above the centre by
 * 3 standard errors of a batch, or when two of three successive points lie above it by 2 (the
 * second Western Electric rule); warning while a single point does. Source: Shewhart, "Economic
 * control of quality of manufactured product", 1931; Western Electric, "Statistical quality control
 * handbook", 1956; Montgomery, "Introduction to statistical quality control".
 *
 * <p>Constant memory and time. Not calibrated: about one point in four hundred of a stationary
 * stream alarms, more while the centre line is known from few values. Kept for comparison, and
 * because operators know how to read it.
 */
public final class ShewhartChart implements DriftDetector {
  static final String NAME = "shewhart_p_chart";

  private static final double ACTION_LIMIT = 3;
  private static final double WARNING_LIMIT = 2;

  private final int warmUp;
  private final int batch;
  private double learned;
  private double learnedErrors;
  private double inBatch;
  private double batchErrors;
  private boolean high;
  private boolean highBefore;
  private DetectorState state;

  /** A centre line from 500 values, batches of 50. */
  public ShewhartChart() {
    this(500, 50);
  }

  /**
   * With other sizes.
   *
   * @param warmUp values that set the centre line, at least one batch
   * @param batch values of one point, 2 or more
   */
  public ShewhartChart(int warmUp, int batch) {
    if (batch < 2 || warmUp < batch) {
      throw new IllegalArgumentException(
          "need batch ≥ 2 and warmUp ≥ batch, were %d and %d".formatted(batch, warmUp));
    }
    this.warmUp = warmUp;
    this.batch = batch;
    reset();
  }

  @Override
  public String name() {
    return NAME;
  }

  /** Centre line: the error rate of the first values; NaN before the first. */
  public double centre() {
    return learnedErrors / learned;
  }

  @Override
  public DetectorState update(double error) {
    DriftDetector.requireError(error);
    if (state == DetectorState.DRIFT) {
      reset();
    }
    if (learned < warmUp) {
      learned++;
      learnedErrors += error;
      return state;
    }
    inBatch++;
    batchErrors += error;
    if (inBatch == batch) {
      point(batchErrors / batch);
      inBatch = 0;
      batchErrors = 0;
    }
    return state;
  }

  private void point(double share) {
    double centre = centre();
    // One error and one right answer more, so that no error in the first values is no certainty.
    double cautious = (learnedErrors + 1) / (learned + 2);
    double deviation = Math.sqrt(cautious * (1 - cautious) / batch);
    boolean above = share > centre + WARNING_LIMIT * deviation;
    if (share > centre + ACTION_LIMIT * deviation || (above && (high || highBefore))) {
      state = DetectorState.DRIFT;
    } else {
      state = above ? DetectorState.WARNING : DetectorState.STABLE;
    }
    highBefore = high;
    high = above;
  }

  @Override
  public DetectorState state() {
    return state;
  }

  @Override
  public void reset() {
    learned = 0;
    learnedErrors = 0;
    inBatch = 0;
    batchErrors = 0;
    high = false;
    highBefore = false;
    state = DetectorState.STABLE;
  }

  @Override
  public DetectorSnapshot snapshot() {
    return new DetectorSnapshot(
        NAME,
        new double[] {warmUp, batch},
        new double[] {
          learned,
          learnedErrors,
          inBatch,
          batchErrors,
          high ? 1 : 0,
          highBefore ? 1 : 0,
          state.ordinal()
        });
  }

  static ShewhartChart restore(double[] parameters, double[] numbers) {
    ShewhartChart detector = new ShewhartChart((int) parameters[0], (int) parameters[1]);
    detector.learned = numbers[0];
    detector.learnedErrors = numbers[1];
    detector.inBatch = numbers[2];
    detector.batchErrors = numbers[3];
    detector.high = numbers[4] == 1;
    detector.highBefore = numbers[5] == 1;
    detector.state = DetectorState.values()[(int) numbers[6]];
    return detector;
  }
}
