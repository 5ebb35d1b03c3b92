// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.stats.profile.ColumnProfile;

/**
 * One column of one span with what is expected of it.
 *
 * @param name column
 * @param expected what the schema says
 * @param column what was seen; it has values
 * @param marks what the profile does not keep of it
 * @param history good spans
 * @param findings where to tell what is wrong
 */
record ColumnCase(
    String name,
    ColumnSchema expected,
    ColumnProfile column,
    ColumnMarks marks,
    EventHistory history,
    Findings findings) {
  /** Good spans that must have kept to a learned domain or range before it is strict. */
  static final int CONFIRMING_SPANS = 5;

  /** Whether enough good spans have shown the column for what was learned of it to be strict. */
  boolean confirmed() {
    return history.columns(name).stream().filter(each -> each.values() > 0).count()
        >= CONFIRMING_SPANS;
  }

  void tell(
      boolean error,
      AnomalyKind kind,
      String observed,
      String expectation,
      String message,
      Findings.Rows rows) {
    findings.add(error, name, kind, observed, expectation, message, rows);
  }
}
