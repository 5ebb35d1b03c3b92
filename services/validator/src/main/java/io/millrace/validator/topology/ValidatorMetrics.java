// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

/** What the topology counts. Implementations are thread-safe. */
public interface ValidatorMetrics {
  /** An event was added to a profile. */
  void profiled(String event);

  /** A record of an events topic could not be read. */
  void rejected(String event);

  /** Rows reached a span that had its verdict already. */
  void late(String event, long rows);

  /** Rows reached a span whose statistics are not kept any more; they changed nothing. */
  void tooLate(String event, long rows);

  /** A verdict was published, for the first time or revised. */
  void judged(String event, String status, boolean revised, long nanos);
}
