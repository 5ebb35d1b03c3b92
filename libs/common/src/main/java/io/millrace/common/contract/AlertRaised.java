// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.Map;

/**
 * An alert, on {@code <app>.alerts} (compacted). Key: alert id, stable for one policy and subject.
 *
 * @param policy what raised it
 * @param severity {@code page}, {@code ticket} or {@code note}
 * @param cause what was seen, with figures
 * @param action what to do next
 * @param evidence figure → value
 * @param status {@code open} or {@code resolved}
 */
public record AlertRaised(
    String app,
    String alertId,
    String policy,
    String severity,
    String cause,
    String action,
    Map<String, String> evidence,
    String status,
    long raisedAtMs,
    long updatedAtMs) {
  public AlertRaised {
    evidence = Map.copyOf(evidence);
  }
}
