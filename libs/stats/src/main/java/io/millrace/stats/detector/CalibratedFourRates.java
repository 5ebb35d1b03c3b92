// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * The four rates of {@link LinearFourRates} with a false-alarm probability that holds over a stream
 * of any length: each rate is watched by an {@link AnytimeValid} with a quarter of the level, so
 * that an unchanged classifier on an unchanged stream raises drift <em>ever</em> with at most that
 * probability. A long quiet past sharpens the comparison instead of blinding it. Memory O(log n)
 * per rate; an outcome updates the two rates that it counts in, each as {@link AnytimeValid}.
 */
public final class CalibratedFourRates implements OutcomeDetector {
  /** Name of the algorithm. */
  public static final String NAME = "calibrated_four_rates";

  private static final Rate[] RATES = Rate.values();

  private final double falseAlarm;
  private final Map<Rate, AnytimeValid> detectors = new EnumMap<>(Rate.class);
  private DetectorState state = DetectorState.STABLE;

  /** False-alarm probability 0.01 over the whole history. */
  public CalibratedFourRates() {
    this(0.01);
  }

  /** With another false-alarm probability, within (0, 1). */
  public CalibratedFourRates(double falseAlarm) {
    this.falseAlarm = falseAlarm;
    for (Rate rate : RATES) {
      detectors.put(rate, new AnytimeValid(falseAlarm / RATES.length));
    }
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
    double right = actual == predicted ? 1 : 0;
    detectors.forEach(
        (rate, detector) -> {
          if (rate.concerns(actual, predicted)) {
            detector.update(right);
          }
        });
    state = DetectorState.STABLE;
    for (AnytimeValid detector : detectors.values()) {
      state = detector.state().compareTo(state) > 0 ? detector.state() : state;
    }
    return state;
  }

  @Override
  public DetectorState state() {
    return state;
  }

  @Override
  public Set<Rate> changed() {
    Set<Rate> changed = EnumSet.noneOf(Rate.class);
    detectors.forEach(
        (rate, detector) -> {
          if (state != DetectorState.STABLE && detector.state() == state) {
            changed.add(rate);
          }
        });
    return changed;
  }

  @Override
  public void reset() {
    detectors.values().forEach(AnytimeValid::reset);
    state = DetectorState.STABLE;
  }

  @Override
  public DetectorSnapshot snapshot() {
    double[] numbers = {state.ordinal()};
    for (AnytimeValid detector : detectors.values()) {
      double[] part = detector.snapshot().state();
      int at = numbers.length;
      numbers = Arrays.copyOf(numbers, at + 1 + part.length);
      numbers[at] = part.length;
      System.arraycopy(part, 0, numbers, at + 1, part.length);
    }
    return new DetectorSnapshot(NAME, new double[] {falseAlarm}, numbers);
  }

  /**
   * A detector that goes on where another stood.
   *
   * @throws IllegalArgumentException if the snapshot is of another detector or is incomplete
   */
  public static CalibratedFourRates restore(DetectorSnapshot snapshot) {
    LinearFourRates.requireName(snapshot, NAME);
    double[] numbers = snapshot.state();
    try {
      CalibratedFourRates detector = new CalibratedFourRates(snapshot.parameters()[0]);
      detector.state = DetectorState.values()[(int) numbers[0]];
      int at = 1;
      for (Rate rate : RATES) {
        int length = (int) numbers[at];
        double[] level = {detector.falseAlarm / RATES.length};
        detector.detectors.put(
            rate,
            AnytimeValid.restore(level, Arrays.copyOfRange(numbers, at + 1, at + 1 + length)));
        at += 1 + length;
      }
      return detector;
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("incomplete snapshot of " + NAME, e);
    }
  }
}
