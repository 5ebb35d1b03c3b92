// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

/**
 * Where a declared change began, as far as a detector can tell.
 *
 * @param valuesBefore values of this history that came before the change
 * @param valuesAfter values from the change up to its detection
 * @param meanBefore mean of the former
 * @param meanAfter mean of the latter
 */
public record Change(long valuesBefore, long valuesAfter, double meanBefore, double meanAfter) {
  /** Whether the mean rose. */
  public boolean rose() {
    return meanAfter > meanBefore;
  }
}
