// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which versions answer for an application, at one moment. Immutable: a question is answered by one
 * route from beginning to end.
 *
 * @param champion answers; null while none is loaded
 * @param canary answers a share of the questions
 * @param canaryShare 0 to 1
 * @param shadows score too, but nobody is told
 */
public record Route(
    @Nullable ServedVersion champion,
    @Nullable ServedVersion canary,
    double canaryShare,
    List<ServedVersion> shadows) {

  static final Route NONE = new Route(null, null, 0, List.of());

  public Route {
    shadows = List.copyOf(shadows);
  }

  /** Every version of the route, the champion first. */
  public List<ServedVersion> versions() {
    List<ServedVersion> versions = new ArrayList<>(shadows);
    if (canary != null) {
      versions.addFirst(canary);
    }
    if (champion != null) {
      versions.addFirst(champion);
    }
    return versions;
  }

  /**
   * Whether a question goes to the canary: by hash of its id, so that a repetition goes there too.
   */
  public boolean goesToCanary(String predictionId) {
    if (canary == null) {
      return false;
    }
    int hash = predictionId.hashCode() * 0x9E3779B1;
    return (hash >>> 8) / (double) (1 << 24) < canaryShare;
  }
}
