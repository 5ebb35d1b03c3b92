// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.features.pit.Moment;
import io.millrace.features.pit.PointInTimePass;
import java.util.Arrays;
import java.util.Comparator;

/** The moments of one entity key in a spine, by known-at time. Immutable and thread-safe. */
final class SpineMoments implements PointInTimePass.Moments {
  private final Spine spine;
  private final int[] rows;
  private final boolean hidesDecidingEvent;
  private final boolean pastOnly;

  /**
   * @param rows of the key, in any order
   * @param hidesDecidingEvent whether a row must not see the event that has its id
   * @param pastOnly as {@link Moment#pastOnly}
   */
  SpineMoments(Spine spine, int[] rows, boolean hidesDecidingEvent, boolean pastOnly) {
    this.spine = spine;
    this.rows = ordered(spine, rows);
    this.hidesDecidingEvent = hidesDecidingEvent;
    this.pastOnly = pastOnly;
  }

  /** Labelled moments are in order already, where a key may have millions. */
  private static int[] ordered(Spine spine, int[] rows) {
    for (int i = 1; i < rows.length; i++) {
      if (spine.knownAtMs(rows[i]) < spine.knownAtMs(rows[i - 1])) {
        return Arrays.stream(rows)
            .boxed()
            .sorted(Comparator.comparingLong(spine::knownAtMs))
            .mapToInt(Integer::intValue)
            .toArray();
      }
    }
    return rows.clone();
  }

  @Override
  public int size() {
    return rows.length;
  }

  @Override
  public long knownAtMs(int index) {
    return spine.knownAtMs(rows[index]);
  }

  @Override
  public Moment at(int index) {
    int row = rows[index];
    return new Moment(
        spine.momentMs(row),
        spine.knownAtMs(row),
        hidesDecidingEvent ? spine.id(row) : null,
        pastOnly);
  }

  @Override
  public boolean hasPastOnly() {
    return pastOnly;
  }

  long asOfMs(int index) {
    return spine.momentMs(rows[index]);
  }

  /** The number of the row in the spine. */
  int row(int index) {
    return rows[index];
  }
}
