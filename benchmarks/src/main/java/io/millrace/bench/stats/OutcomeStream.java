// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import java.util.List;

/**
 * Outcomes of a frozen model with one change at a known place.
 *
 * @param reference outcomes before the stream, on rows that the model did not learn from
 * @param quiet outcomes before the change
 * @param changed outcomes after it
 */
record OutcomeStream(List<Outcome> reference, List<Outcome> quiet, List<Outcome> changed) {

  /** What a detector made of it. */
  record Answer(long falseAlarms, double delay) {}

  /** Alarms before the change, and outcomes from it to the first alarm after; infinite without. */
  Answer ask(String detector) {
    Watch watch = Watch.of(detector, reference);
    long falseAlarms = quiet.stream().filter(watch::alarms).count();
    for (int i = 0; i < changed.size(); i++) {
      if (watch.alarms(changed.get(i))) {
        return new Answer(falseAlarms, i + 1);
      }
    }
    return new Answer(falseAlarms, Double.POSITIVE_INFINITY);
  }
}
