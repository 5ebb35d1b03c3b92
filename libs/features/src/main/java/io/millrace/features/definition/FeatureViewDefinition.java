// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.definition;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The features of one entity computed from one event stream.
 *
 * @param source name of the event
 * @param entity name of the entity
 * @param where CEL condition on every event of the view, absent means all
 * @param features feature name → definition, in declaration order
 * @param description meaning, for the catalogue
 * @param owner who answers for it
 * @param freshness how old the newest event that can be served may get, for example {@code 5m};
 *     absent means any age
 * @param emit whether the features as of each event are published too; absent means no
 */
public record FeatureViewDefinition(
    String source,
    String entity,
    @Nullable String where,
    Map<String, FeatureDefinition> features,
    @Nullable String description,
    @Nullable String owner,
    @Nullable String freshness,
    @Nullable Boolean emit) {
  public FeatureViewDefinition {
    features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
  }

  /** A view of any age that is not emitted. */
  public FeatureViewDefinition(
      String source,
      String entity,
      @Nullable String where,
      Map<String, FeatureDefinition> features,
      @Nullable String description,
      @Nullable String owner) {
    this(source, entity, where, features, description, owner, null, null);
  }

  /** Whether the features as of each event are published on {@code <app>.features}. */
  public boolean isEmitted() {
    return Boolean.TRUE.equals(emit);
  }
}
