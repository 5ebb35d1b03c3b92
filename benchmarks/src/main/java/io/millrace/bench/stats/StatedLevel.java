// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.stats.detector.CalibratedFourRates;
import io.millrace.stats.detector.Detectors;
import io.millrace.stats.detector.LinearFourRates;
import java.util.Optional;

/**
 * The false-alarm probability that a detector states with its default parameters. For most it is
 * one of a single look, of which a stream has as many as values: only a level of the whole stream
 * can stand beside the share of streams with an alarm. DDM, EDDM, Page-Hinkley, CUSUM, the p-chart,
 * MD3 and HDDDM have limits in deviations, or in the unit of the values, and state none.
 *
 * @param probability of a false alarm
 * @param of what it holds for
 */
record StatedLevel(double probability, String of) {
  private static final String STREAM = "a whole stream of any length";

  static Optional<StatedLevel> of(String detector) {
    return switch (detector) {
      case "anytime_valid" -> first(detector, STREAM);
      case CalibratedFourRates.NAME ->
          Optional.of(
              new StatedLevel(new CalibratedFourRates().snapshot().parameters()[0], STREAM));
      case "adwin" -> first(detector, "one check of the window");
      case "hddm_a", "hddm_w", "kswin" -> first(detector, "one comparison");
      case LinearFourRates.NAME ->
          Optional.of(
              new StatedLevel(
                  new LinearFourRates().snapshot().parameters()[2], "one look at one rate"));
      default -> Optional.empty();
    };
  }

  /** Of those made by name it is the first parameter. */
  private static Optional<StatedLevel> first(String detector, String of) {
    return Optional.of(new StatedLevel(Detectors.create(detector).snapshot().parameters()[0], of));
  }

  boolean isOfStream() {
    return of.equals(STREAM);
  }
}
