// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.derived.DerivedFeatures;

/** Feature views: their names here, their expressions and aggregates by the feature engine. */
final class ViewCheck {
  private final ApplicationDefinition application;
  private final Problems problems;

  ViewCheck(ApplicationDefinition application, Problems problems) {
    this.application = application;
    this.problems = problems;
  }

  void check() {
    application.featureViews().forEach(this::view);
  }

  private void view(String name, FeatureViewDefinition view) {
    String path = "featureViews." + name;
    if (name.equals(FeatureScopes.EVENT)) {
      problems.add(path, "reserved", "'event' names the deciding event's fields in model inputs");
    } else if (name.equals(DerivedFeatures.SCOPE)) {
      problems.add(path, "reserved", "'derived' names the derived features in model inputs");
    }
    boolean entityKnown = application.entities().containsKey(view.entity());
    if (!entityKnown) {
      problems.unknown(path + ".entity", "entity", view.entity(), application.entities().keySet());
    }
    if (!application.events().containsKey(view.source())) {
      problems.unknown(path + ".source", "event", view.source(), application.events().keySet());
    }
    problems.duration(path + ".freshness", view.freshness());
  }
}
