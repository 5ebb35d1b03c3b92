// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;

/**
 * The features of one ring and one window: their tiles are found and merged once per read.
 *
 * @param ring index of the ring
 * @param partials what these features need of it
 * @param ofWholeRing whether one of them is not in the tiles, so that even a single one is merged
 */
record ReadGroup(int ring, Window window, Partial[] partials, boolean ofWholeRing) {
  ReadGroup(int ring, Window window, Partial[] partials) {
    this(
        ring,
        window,
        partials,
        Arrays.stream(partials).anyMatch(SlidingDistinctPartial.class::isInstance));
  }

  /** Makes slot 0 of {@code accumulator} the merge of the slots from first to before end. */
  void merge(Tiles tiles, Tiles accumulator, int first, int end) {
    for (Partial partial : partials) {
      partial.clear(accumulator, 0);
      partial.merge(accumulator, 0, tiles, first, end);
    }
  }
}
