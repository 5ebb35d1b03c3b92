// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.view;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The feature sets that were asked for last, compiled once: {@value #MAX} of them. Thread-safe. */
public final class FeatureSets {
  private static final int MAX = 256;

  private record Asked(
      String app,
      String generation,
      @Nullable List<String> views,
      @Nullable List<String> features) {}

  private final Map<Asked, FeatureSet> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Asked, FeatureSet> eldest) {
          return size() > MAX;
        }
      };

  /**
   * As {@link FeatureSet#of(Generation, List, List)}.
   *
   * @throws UnknownFeatureException naming what there is not
   */
  public FeatureSet of(
      Generation generation, @Nullable List<String> views, @Nullable List<String> features) {
    Asked asked = new Asked(generation.app(), generation.hash(), views, features);
    synchronized (known) {
      FeatureSet set = known.get(asked);
      if (set != null) {
        return set;
      }
    }
    FeatureSet compiled = FeatureSet.of(generation, views, features);
    synchronized (known) {
      known.put(asked, compiled);
    }
    return compiled;
  }
}
