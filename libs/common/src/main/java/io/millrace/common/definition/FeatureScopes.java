// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.features.view.ViewPlan;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an expression about a prediction may read: {@code event.field}, a field of the deciding
 * event (a request field at serving), and {@code view.feature}.
 */
public final class FeatureScopes {
  /** Scope of the deciding event's fields. */
  public static final String EVENT = "event";

  /** How the name of an input begins that is a field of the deciding event. */
  public static final String EVENT_PREFIX = EVENT + ".";

  private FeatureScopes() {}

  /** The input that a name means: a bare one is a field of the deciding event. */
  public static String inputOf(String name) {
    return name.contains(".") ? name : EVENT_PREFIX + name;
  }

  /**
   * The scopes of an application. Features that are lists or maps have no place in them.
   *
   * @param plans the compiled views
   */
  public static Map<String, EventSchema> of(
      ApplicationDefinition definition, Collection<ViewPlan> plans) {
    Map<String, EventSchema> scopes = new LinkedHashMap<>();
    LabelDefinition label = definition.label();
    if (label != null && definition.events().containsKey(label.decidedAt())) {
      scopes.put(EVENT, definition.event(label.decidedAt()).eventSchema());
    }
    plans.forEach(plan -> scopes.put(plan.viewName(), schema(plan)));
    return scopes;
  }

  /**
   * The derived features that a model's inputs need, ready to compute.
   *
   * @param definition a checked one
   */
  public static DerivedFeatures derived(ApplicationDefinition definition) {
    if (definition.derivedFeatures().isEmpty()) {
      return DerivedFeatures.NONE;
    }
    return DerivedFeatures.compile(
            definition.derivedFeatures(), of(definition, definition.viewPlans()))
        .neededBy(definition.modelInputs());
  }

  private static EventSchema schema(ViewPlan plan) {
    Map<String, FieldType> fields = new LinkedHashMap<>();
    for (int i = 0; i < plan.size(); i++) {
      switch (plan.kindOf(i)) {
        case NUMBER -> fields.put(plan.featureNames().get(i), FieldType.NUMBER);
        case STRING -> fields.put(plan.featureNames().get(i), FieldType.STRING);
        case LIST, MAP -> {}
      }
    }
    return new EventSchema(fields, false);
  }
}
