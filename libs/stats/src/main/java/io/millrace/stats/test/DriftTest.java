// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import io.millrace.stats.profile.ColumnProfile;

/**
 * A way to compare two profiles of one column. Implementations are stateless and thread-safe (the
 * profiles are not). Identical windows are stable; too little data is inconclusive.
 */
public interface DriftTest {

  /** Short name, as written in an application definition. */
  String name();

  /** Whether the test makes sense for these two profiles. */
  boolean appliesTo(ColumnProfile reference, ColumnProfile current);

  /** Least effect that counts as drift, on the test's own scale. */
  double defaultThreshold();

  /**
   * Compares by a least effect of one's own.
   *
   * @param falseAlarmLevel probability of calling an unchanged column drifted, within (0, 1)
   * @param threshold least effect that counts, on the test's own scale
   */
  DriftVerdict compare(
      ColumnProfile reference, ColumnProfile current, double falseAlarmLevel, double threshold);

  /** Compares by the default threshold. */
  default DriftVerdict compare(
      ColumnProfile reference, ColumnProfile current, double falseAlarmLevel) {
    return compare(reference, current, falseAlarmLevel, defaultThreshold());
  }
}
