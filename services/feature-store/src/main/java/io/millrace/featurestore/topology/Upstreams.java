// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

/** Knows which of the partitions that feed a join have nothing more for it. Thread-safe. */
@FunctionalInterface
public interface Upstreams {
  /**
   * Whether everything that an upstream partition holds has passed through a partition of the join,
   * as of a moment ago; false where that is not known.
   */
  boolean isDrained(int upstream, int joinPartition);
}
