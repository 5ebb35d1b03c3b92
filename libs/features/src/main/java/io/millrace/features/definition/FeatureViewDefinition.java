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
 */
public record FeatureViewDefinition(
    String source,
    String entity,
    @Nullable String where,
    Map<String, FeatureDefinition> features,
    @Nullable String description,
    @Nullable String owner) {
  public FeatureViewDefinition {
    features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
  }
}
