// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

/** What a detector thinks after a value. */
public enum DetectorState {
  /** Nothing to see, or not enough values yet. */
  STABLE,
  /** Something may be changing. */
  WARNING,
  /** A change is declared; the detector starts afresh with the next value. */
  DRIFT
}
