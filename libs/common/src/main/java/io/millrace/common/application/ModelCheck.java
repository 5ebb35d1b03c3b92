// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EventDefinition;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.common.definition.GatesDefinition;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.common.definition.ModelDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.derived.DerivedFeatures;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The model and the gates. */
final class ModelCheck {

  private final ApplicationDefinition application;
  private final Problems problems;

  ModelCheck(ApplicationDefinition application, Problems problems) {
    this.application = application;
    this.problems = problems;
  }

  void check() {
    ModelDefinition model = application.model();
    LabelDefinition label = application.label();
    if (model != null) {
      if (label == null) {
        problems.add("model", "label", "a model needs a label to learn");
      }
      inputs(model.features());
      if (model.search() != null) {
        problems.duration("model.search.budget", model.search().budget());
      }
      split(model);
    }
    gates(model);
  }

  private void inputs(List<String> features) {
    for (int i = 0; i < features.size(); i++) {
      String feature = features.get(i);
      String path = "model.features[" + i + "]";
      if (feature.endsWith(".*")) {
        String view = feature.substring(0, feature.length() - 2);
        if (!application.featureViews().containsKey(view) && !view.equals(DerivedFeatures.SCOPE)) {
          problems.unknown(path, "view", view, application.featureViews().keySet());
        }
      } else if (!column(path, feature)) {
        problems.add(
            path,
            "input",
            "'" + feature + "' is not view.feature, view.*, derived.name or event.field");
      }
    }
  }

  /** Checks {@code event.field} or {@code view.feature}; false where it is of neither form. */
  private boolean column(String path, String name) {
    int dot = name.indexOf('.');
    if (dot <= 0 || dot == name.length() - 1) {
      return false;
    }
    if (name.startsWith(FeatureScopes.EVENT_PREFIX)) {
      eventField(path, name.substring(FeatureScopes.EVENT_PREFIX.length()));
      return true;
    }
    String view = name.substring(0, dot);
    if (view.equals(DerivedFeatures.SCOPE)) {
      String derived = name.substring(dot + 1);
      if (!application.derivedFeatures().containsKey(derived)) {
        problems.unknown(path, "derived-feature", derived, application.derivedFeatures().keySet());
      }
      return true;
    }
    FeatureViewDefinition definition = application.featureViews().get(view);
    if (definition == null) {
      problems.unknown(path, "view", view, application.featureViews().keySet());
    } else if (!definition.features().containsKey(name.substring(dot + 1))) {
      problems.unknown(path, "feature", name, definition.features().keySet());
    }
    return true;
  }

  private void eventField(String path, String field) {
    String event = decidedAt();
    if (event != null && !SemanticCheck.hasField(application, event, field)) {
      EventDefinition definition = application.event(event);
      problems.unknown(path, "field", field, definition.eventSchema().fields().keySet());
    }
  }

  private @Nullable String decidedAt() {
    LabelDefinition label = application.label();
    return label != null && application.events().containsKey(label.decidedAt())
        ? label.decidedAt()
        : null;
  }

  private void split(ModelDefinition model) {
    ModelDefinition.Split split = model.split();
    if (split == null) {
      return;
    }
    String entity = split.entity();
    if (entity != null && !application.entities().containsKey(entity)) {
      problems.unknown("model.split.entity", "entity", entity, application.entities().keySet());
    }
    if ("group".equals(split.kind()) && entity == null) {
      problems.add("model.split", "split", "a group split names its entity");
    }
    if (split.eval() != null && (model.evalShare() <= 0 || model.evalShare() >= 1)) {
      problems.add("model.split.eval", "split", "the share lies between 0% and 100%");
    }
  }

  private void gates(@Nullable ModelDefinition model) {
    GatesDefinition gates = application.gates();
    if (gates == null) {
      return;
    }
    if (model == null) {
      problems.add("gates", "model", "gates need a model");
    }
    List<String> slices = gates.slices();
    for (int i = 0; i < slices.size(); i++) {
      String path = "gates.slices[" + i + "]";
      if (slices.get(i).indexOf('.') < 0) {
        eventField(path, slices.get(i));
      } else if (!column(path, slices.get(i))) {
        problems.add(path, "slice", "'" + slices.get(i) + "' is no column");
      }
    }
  }
}
