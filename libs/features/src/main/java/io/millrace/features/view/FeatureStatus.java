// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/** Why a value is or is not there. */
public enum FeatureStatus {
  /** There is a value. */
  PRESENT,
  /** Nothing contributed to it; a model row uses its default. */
  MISSING,
  /** The newest event that contributed is older than the feature's TTL; the value is withheld. */
  EXPIRED,
  /** The state may lack events of the window at the moment asked for; the value is withheld. */
  INCOMPLETE
}
