// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.monitor.performance.Outcome;
import io.millrace.stats.detector.AnytimeValid;
import io.millrace.stats.detector.Change;
import io.millrace.stats.detector.DetectorState;
import io.millrace.stats.detector.Detectors;
import io.millrace.stats.detector.DriftDetector;
import java.util.Optional;

/**
 * All outcomes of a version as one stream of numbers for an online detector. With the default one,
 * {@link AnytimeValid}, the probability that a stream whose scores stay right is <em>ever</em>
 * called changed is at most the level, however long it is; other detectors promise no such thing.
 *
 * <p>The number is the squared error beyond what the score expects of itself, (y − p)² − p(1 − p) =
 * (1 − 2p)(y − p). Its mean is 0 while the scores are right, whichever rows come, so that only P(y
 * | x) moves it; the squared error itself moves with the rows, and errors at a threshold do so,
 * too, and hold nothing but the label where positives are rare. It lies within [−1/8, 1] by itself,
 * where {@link Outcome#excessLoss} would have to be cut off, and a cut moves the mean with the rows
 * again. Detectors that take nothing but right and wrong are given the errors at 0.5. Not
 * thread-safe.
 */
public final class OutcomeStream {
  private static final double LOWEST = -0.125;
  private static final double THRESHOLD = 0.5;

  private final DriftDetector detector;
  private final boolean errorsOnly;

  /**
   * @param name as in {@link Detectors}
   * @param level of {@link AnytimeValid}; the others have their own defaults
   * @throws IllegalArgumentException if there is no detector of that name
   */
  public OutcomeStream(String name, double level) {
    DriftDetector byName = Detectors.create(name);
    this.detector = byName instanceof AnytimeValid ? new AnytimeValid(level) : byName;
    this.errorsOnly = Detectors.takesErrorsOnly(name);
  }

  String detector() {
    return detector.name();
  }

  /** Takes the next outcome; whether the stream is called changed with it. */
  boolean changed(Outcome outcome) {
    return detector.update(errorsOnly ? error(outcome) : excess(outcome)) == DetectorState.DRIFT;
  }

  /** Where the change began that the last outcome was found with, if the detector can tell. */
  Optional<Change> change() {
    return detector instanceof AnytimeValid valid ? valid.change() : Optional.empty();
  }

  /** The squared error beyond what is expected, from 0 to 1. */
  static double excess(Outcome outcome) {
    double p = Math.clamp(outcome.score(), 0, 1);
    double excess = (1 - 2 * p) * ((outcome.positive() ? 1 : 0) - p);
    return Math.clamp((excess - LOWEST) / (1 - LOWEST), 0, 1);
  }

  private static double error(Outcome outcome) {
    return (outcome.score() >= THRESHOLD) == outcome.positive() ? 0 : 1;
  }
}
