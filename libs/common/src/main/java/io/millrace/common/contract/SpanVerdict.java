// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

/** What was said of one span of one kind of event. */
public interface SpanVerdict {
  String event();

  /** Identifier of the span. */
  String span();

  /** Event time, inclusive. */
  long startMs();

  /** Event time, exclusive. */
  long endMs();
}
