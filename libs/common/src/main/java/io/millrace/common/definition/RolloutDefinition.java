// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a blessed version becomes the champion.
 *
 * @param kind {@code immediate} (default), {@code shadow}, {@code canary} or {@code manual}
 * @param steps canary shares, for example {@code [5%, 25%, 100%]}
 * @param stepRows joined outcomes that each canary step waits for; default 500
 */
public record RolloutDefinition(
    @Nullable String kind, List<String> steps, @Nullable Integer stepRows) {
  public RolloutDefinition {
    steps = Frozen.list(steps);
  }

  public String kindOrDefault() {
    return kind == null ? "immediate" : kind;
  }
}
