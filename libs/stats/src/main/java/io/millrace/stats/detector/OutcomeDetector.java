// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import java.util.Set;

/**
 * Watches the outcomes of two-class predictions, right and wrong ones of both classes apart, so
 * that it sees changes at which the error rate stands still (recall falls as specificity rises).
 * After {@link DetectorState#DRIFT} the next outcome begins a new history. Not thread-safe.
 */
public interface OutcomeDetector {

  /** Name of the algorithm. */
  String name();

  /** Takes the next outcome. */
  DetectorState update(boolean actual, boolean predicted);

  /** The answer to the last outcome; {@link DetectorState#STABLE} before the first. */
  DetectorState state();

  /** The rates behind the last answer; empty while stable. */
  Set<Rate> changed();

  /** Forgets everything but the parameters. */
  void reset();

  /** Parameters and state, from which the class's {@code restore} makes an equal detector. */
  DetectorSnapshot snapshot();
}
