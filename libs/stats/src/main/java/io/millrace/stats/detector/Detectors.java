// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import java.util.Arrays;
import java.util.List;

/**
 * The detectors of one stream of numbers by name. Those of labelled outcomes ({@link
 * OutcomeDetector}), of margins ({@link MarginDensity}) and of whole batches ({@link
 * HellingerDrift}) take other things than numbers and are not among them.
 */
public final class Detectors {
  private Detectors() {}

  /** All names, the calibrated one first. */
  public static List<String> names() {
    return List.of(
        AnytimeValid.NAME,
        Adwin.NAME,
        Ddm.NAME,
        Eddm.NAME,
        HddmA.NAME,
        HddmW.NAME,
        PageHinkley.NAME,
        Kswin.NAME,
        Cusum.NAME,
        ShewhartChart.NAME);
  }

  /** Whether a detector takes right and wrong, 0 and 1, and no number between. */
  public static boolean takesErrorsOnly(String name) {
    return List.of(Ddm.NAME, Eddm.NAME, ShewhartChart.NAME).contains(name);
  }

  /**
   * A new detector with its default parameters.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static DriftDetector create(String name) {
    return switch (name) {
      case AnytimeValid.NAME -> new AnytimeValid();
      case Adwin.NAME -> new Adwin();
      case Ddm.NAME -> new Ddm();
      case Eddm.NAME -> new Eddm();
      case HddmA.NAME -> new HddmA();
      case HddmW.NAME -> new HddmW();
      case PageHinkley.NAME -> new PageHinkley();
      case Kswin.NAME -> new Kswin();
      case Cusum.NAME -> new Cusum();
      case ShewhartChart.NAME -> new ShewhartChart();
      default -> throw unknown(name);
    };
  }

  /**
   * A detector that goes on where another stood.
   *
   * @throws IllegalArgumentException if the snapshot is of no known detector or is incomplete
   */
  public static DriftDetector restore(DetectorSnapshot snapshot) {
    double[] parameters = snapshot.parameters();
    double[] numbers = snapshot.state();
    if (Arrays.stream(numbers).anyMatch(Double::isNaN)) {
      throw new IllegalArgumentException("a NaN in the snapshot of " + snapshot.detector());
    }
    try {
      return switch (snapshot.detector()) {
        case AnytimeValid.NAME -> AnytimeValid.restore(parameters, numbers);
        case Adwin.NAME -> Adwin.restore(parameters, numbers);
        case Ddm.NAME -> Ddm.restore(parameters, numbers);
        case Eddm.NAME -> Eddm.restore(parameters, numbers);
        case HddmA.NAME -> HddmA.restore(parameters, numbers);
        case HddmW.NAME -> HddmW.restore(parameters, numbers);
        case PageHinkley.NAME -> PageHinkley.restore(parameters, numbers);
        case Kswin.NAME -> Kswin.restore(parameters, numbers);
        case Cusum.NAME -> Cusum.restore(parameters, numbers);
        case ShewhartChart.NAME -> ShewhartChart.restore(parameters, numbers);
        default -> throw unknown(snapshot.detector());
      };
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          "incomplete snapshot of " + snapshot.detector() + ": " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "no detector named " + name + "; known are " + String.join(", ", names()));
  }
}
