// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.derived.DerivedFeatures;
import org.jspecify.annotations.Nullable;

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

  /** An owner and a meaning; the view may give both for all of its features. */
  private void documented(String path, FeatureViewDefinition view) {
    if (isBlank(view.owner()) && isBlank(application.metadata().owner())) {
      problems.add(
          path + ".owner", "required", "say who answers for these features, here or in metadata");
    }
    if (isBlank(view.description())) {
      view.features()
          .forEach(
              (name, feature) -> {
                if (isBlank(feature.description())) {
                  problems.add(
                      path + ".features." + name + ".description",
                      "required",
                      "say what '" + name + "' means, here or for the view");
                }
              });
    }
  }

  private static boolean isBlank(@Nullable String text) {
    return text == null || text.isBlank();
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
    if (Boolean.TRUE.equals(application.metadata().documented())) {
      documented(path, view);
    }
  }
}
