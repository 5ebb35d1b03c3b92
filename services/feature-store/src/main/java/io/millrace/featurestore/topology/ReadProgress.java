// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

/** Knows how far the parts of a feature group have read their source. Thread-safe. */
@FunctionalInterface
public interface ReadProgress {
  /** Where nothing is known. */
  long UNKNOWN = Long.MIN_VALUE;

  /**
   * A moment by the wall clock, ms since the epoch: all that the topic of the group's source held
   * then for this part has been applied and committed. {@link #UNKNOWN} where that is not known.
   *
   * @param group name of the group
   * @param part number of the part
   */
  long readUntilMs(String group, int part);
}
