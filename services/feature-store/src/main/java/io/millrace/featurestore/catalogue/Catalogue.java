// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.catalogue;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.features.view.ViewPlan;
import io.millrace.featurestore.view.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Describes the features of a generation. */
public final class Catalogue {
  private Catalogue() {}

  /**
   * A feature.
   *
   * @param name {@code view.feature}
   * @param meaning the description, or the computation in words where there is none
   * @param type {@code NUMBER}, {@code STRING}, {@code LIST} or {@code MAP}
   * @param bound which events it counts beyond the strict window
   * @param ttl age beyond which the value is withheld; absent means never
   * @param source event it is computed from
   * @param consumers what uses it: {@code model}, {@code slices}
   * @param definitionHash of its view
   */
  public record Entry(
      String name,
      String view,
      String entity,
      String meaning,
      @Nullable String owner,
      String type,
      String aggregate,
      @Nullable String of,
      @Nullable String where,
      String window,
      String bound,
      @Nullable String ttl,
      String source,
      List<String> consumers,
      String definitionHash) {}

  /** All features, in the order of the definition. */
  public static List<Entry> of(Generation generation) {
    ApplicationDefinition definition = generation.definition();
    List<String> inputs = definition.modelInputs();
    List<Entry> entries = new ArrayList<>();
    definition
        .featureViews()
        .forEach(
            (name, view) -> {
              Generation.Place place = generation.find(name);
              if (place == null) {
                return;
              }
              List<String> features = place.plan().featureNames();
              for (int i = 0; i < features.size(); i++) {
                FeatureDefinition feature = view.features().get(features.get(i));
                if (feature != null) {
                  entries.add(entry(definition, name, view, place.plan(), i, feature, inputs));
                }
              }
            });
    return entries;
  }

  /**
   * A derived feature.
   *
   * @param name {@code derived.name}
   * @param expression CEL
   * @param type {@code NUMBER}, {@code INTEGER}, {@code BOOLEAN}, {@code STRING} or {@code
   *     TIMESTAMP}
   * @param reads features and request fields that it is computed from, directly or not
   * @param consumers what uses it: {@code model}
   */
  public record Derived(
      String name, String expression, String type, List<String> reads, List<String> consumers) {}

  /** All derived features, each after those that it reads. */
  public static List<Derived> derived(Generation generation) {
    ApplicationDefinition definition = generation.definition();
    DerivedFeatures all =
        DerivedFeatures.compile(
            definition.derivedFeatures(), FeatureScopes.of(definition, generation.plans()));
    List<String> inputs = definition.modelInputs();
    List<Derived> entries = new ArrayList<>();
    all.definition()
        .expressions()
        .forEach(
            (name, expression) -> {
              String scoped = DerivedFeatures.SCOPE + "." + name;
              entries.add(
                  new Derived(
                      scoped,
                      expression,
                      all.typeOf(name).name(),
                      List.copyOf(new TreeSet<>(all.neededBy(List.of(scoped)).reads())),
                      inputs.contains(scoped) ? List.of("model") : List.of()));
            });
    return entries;
  }

  private static Entry entry(
      ApplicationDefinition definition,
      String viewName,
      FeatureViewDefinition view,
      ViewPlan plan,
      int index,
      FeatureDefinition feature,
      List<String> inputs) {
    String name = viewName + "." + plan.featureNames().get(index);
    List<String> consumers = new ArrayList<>();
    if (inputs.contains(name)) {
      consumers.add("model");
    }
    if (definition.gates() != null && definition.gates().slices().contains(name)) {
      consumers.add("slices");
    }
    String window = feature.window() == null ? "lifetime" : feature.window();
    String meaning =
        feature.description() != null
            ? feature.description()
            : feature.aggregate()
                + (feature.of() == null ? "" : " of " + feature.of())
                + (feature.where() == null ? "" : " where " + feature.where())
                + " over "
                + window;
    return new Entry(
        name,
        viewName,
        view.entity(),
        meaning,
        view.owner() == null ? definition.metadata().owner() : view.owner(),
        plan.kindOf(index).name(),
        feature.aggregate(),
        feature.of(),
        feature.where() == null ? view.where() : feature.where(),
        window,
        plan.describeWindowBound(index),
        feature.ttl(),
        view.source(),
        consumers,
        plan.definitionHash());
  }
}
