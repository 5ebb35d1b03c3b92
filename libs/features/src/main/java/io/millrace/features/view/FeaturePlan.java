// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import org.jspecify.annotations.Nullable;

/**
 * One feature, compiled.
 *
 * @param group index of the read group that merges its tiles
 * @param ttlMs age beyond which the value is withheld, or {@link Long#MAX_VALUE}
 * @param newest where the time of the newest contributing event is found if there is a TTL
 * @param newestGroup read group of {@code newest}
 * @param readsMoment whether the value of the same tiles differs from moment to moment
 * @param inTiles what answers where {@code group} says that it is not complete, or null
 */
record FeaturePlan(
    String name,
    FeatureKind kind,
    Window window,
    int group,
    Finaliser finaliser,
    long ttlMs,
    @Nullable EdgePartial newest,
    int newestGroup,
    boolean readsMoment,
    @Nullable InTiles inTiles) {

  /**
   * The same feature in tiles, for states whose events do not reach back far enough.
   *
   * @param group index of the read group that merges its tiles
   */
  record InTiles(int group, Finaliser finaliser) {}
}
