// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.common.definition.ModelDefinition;
import io.millrace.common.definition.ValidationDefinition;
import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.features.expression.Compiled;
import io.millrace.features.expression.ExpressionException;
import io.millrace.features.expression.Expressions;
import io.millrace.features.view.DefinitionException;
import io.millrace.features.view.ViewPlan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compiles everything that the services will compile, so that no event meets an expression for the
 * first time; and looks for labels among the inputs.
 */
final class ExpressionCheck {
  private static final Set<FieldType> NUMBERS =
      Set.of(FieldType.NUMBER, FieldType.INTEGER, FieldType.BOOLEAN, FieldType.DYNAMIC);
  private static final Set<FieldType> CONDITIONS = Set.of(FieldType.BOOLEAN, FieldType.DYNAMIC);

  private final ApplicationDefinition application;
  private final Problems problems;
  private final Map<String, ViewPlan> plans = new HashMap<>();
  private final Map<String, EventSchema> scopes = new HashMap<>();

  ExpressionCheck(ApplicationDefinition application, Problems problems) {
    this.application = application;
    this.problems = problems;
  }

  void check() {
    application.featureViews().forEach(this::view);
    new StateSizeCheck(application, plans, problems).check();
    LabelDefinition label = application.label();
    Set<String> labelFields = label == null ? Set.of() : label(label);
    derived(labelFields);
    ModelDefinition model = application.model();
    if (model != null) {
      inputsWithout(labelFields, model.features());
      model.heuristics().forEach((name, cel) -> heuristic(name, cel, labelFields));
    }
    ValidationDefinition validation = application.validation();
    if (validation != null) {
      validation.rules().forEach(this::rule);
    }
  }

  private void view(String name, FeatureViewDefinition view) {
    if (!application.events().containsKey(view.source())) {
      return;
    }
    try {
      plans.put(name, ViewPlan.compile(name, view, application.event(view.source()).eventSchema()));
    } catch (DefinitionException e) {
      for (DefinitionException.Problem problem : e.problems()) {
        problems.add("featureViews." + name + "." + problem.path(), "feature", problem.message());
      }
    }
  }

  /** The fields that give the label itself. */
  private Set<String> label(LabelDefinition label) {
    LabelDefinition.Positive positive = label.positive();
    if (positive != null
        && positive.where() != null
        && application.events().containsKey(positive.event())) {
      compile("label.positive.where", positive.where(), schema(positive.event()), CONDITIONS);
    }
    if (label.value() == null || !application.events().containsKey(label.decidedAt())) {
      return Set.of();
    }
    Compiled value = compile("label.value", label.value(), schema(label.decidedAt()), NUMBERS);
    return value == null ? Set.of() : value.fields();
  }

  private void inputsWithout(Set<String> labelFields, List<String> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      String input = inputs.get(i);
      if (input.startsWith(FeatureScopes.EVENT + ".")
          && labelFields.contains(input.substring(FeatureScopes.EVENT.length() + 1))) {
        problems.add(
            "model.features[" + i + "]",
            "label-leak",
            "'" + input + "' gives the label; when a prediction is asked for nobody knows it yet");
      }
    }
  }

  private void derived(Set<String> labelFields) {
    String path = "derivedFeatures.";
    scopes.putAll(FeatureScopes.of(application, plans.values()));
    try {
      DerivedFeatures all = DerivedFeatures.compile(application.derivedFeatures(), scopes);
      for (String name : all.names()) {
        leaks(
            path + name,
            all.neededBy(Set.of(DerivedFeatures.SCOPE + "." + name)).reads(),
            labelFields);
      }
      scopes.put(DerivedFeatures.SCOPE, all.schema());
    } catch (DerivedFeatures.InvalidException e) {
      e.problems().forEach((name, problem) -> problems.add(path + name, "expression", problem));
    }
  }

  private void leaks(String path, Set<String> reads, Set<String> labelFields) {
    Set<String> leaks = new TreeSet<>();
    labelFields.forEach(field -> leaks.add(FeatureScopes.EVENT + "." + field));
    leaks.retainAll(reads);
    if (!leaks.isEmpty()) {
      problems.add(path, "label-leak", "reads " + leaks + ", which give the label");
    }
  }

  private void heuristic(String name, String cel, Set<String> labelFields) {
    String path = "model.heuristics." + name;
    Compiled compiled;
    try {
      compiled = Expressions.compile(cel, scopes);
    } catch (ExpressionException e) {
      problems.add(path, "expression", String.valueOf(e.getMessage()));
      return;
    }
    checkType(path, compiled, NUMBERS);
    leaks(path, compiled.fields(), labelFields);
  }

  /** A rule holds for every event that has its fields; it must fit one at least. */
  private void rule(String name, String cel) {
    String path = "validation.rules." + name;
    ExpressionException first = null;
    Compiled fitting = null;
    for (String event : application.events().keySet()) {
      try {
        fitting = Expressions.compile(cel, schema(event));
        break;
      } catch (ExpressionException e) {
        first = first == null ? e : first;
      }
    }
    if (fitting != null) {
      checkType(path, fitting, CONDITIONS);
    } else if (first != null) {
      problems.add(path, "expression", String.valueOf(first.getMessage()));
    }
  }

  private @Nullable Compiled compile(
      String path, String cel, EventSchema schema, Set<FieldType> wanted) {
    try {
      Compiled compiled = Expressions.compile(cel, schema);
      checkType(path, compiled, wanted);
      return compiled;
    } catch (ExpressionException e) {
      problems.add(path, "expression", String.valueOf(e.getMessage()));
      return null;
    }
  }

  private void checkType(String path, Compiled compiled, Set<FieldType> wanted) {
    if (!wanted.contains(compiled.resultType())) {
      problems.add(
          path,
          "type",
          "gives a "
              + compiled.resultType()
              + (wanted.equals(CONDITIONS) ? ", not true or false" : ", not a number"));
    }
  }

  private EventSchema schema(String event) {
    return application.event(event).eventSchema();
  }
}
