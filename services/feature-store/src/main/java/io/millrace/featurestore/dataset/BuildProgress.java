// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

/** Told how far a build is. Thread-safe. */
@FunctionalInterface
public interface BuildProgress {
  /**
   * @param phase what is being done, for people
   * @param done rows done in this phase
   * @param all rows of this phase; 0 where not known
   */
  void at(String phase, long done, long all);
}
