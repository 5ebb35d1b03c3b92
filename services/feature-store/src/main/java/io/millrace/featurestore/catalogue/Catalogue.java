// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.catalogue;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.features.view.ViewPlan;
import io.millrace.featurestore.view.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Describes the features of applications. What follows from the definition is compiled once per
 * definition. Thread-safe.
 */
public final class Catalogue {
  private final Map<String, Compiled> compiled = new ConcurrentHashMap<>();

  /**
   * A feature, as its definition says.
   *
   * @param name {@code view.feature}
   * @param key fields of the entity's key, in order; none where there is one entity
   * @param meaning as written by its owner, of the feature or else of its view; null where nobody
   *     wrote one
   * @param computation in words
   * @param type {@code NUMBER}, {@code STRING}, {@code LIST} or {@code MAP}
   * @param bound which events it counts beyond the strict window
   * @param precision {@code tile} or {@code exact}
   * @param stateBytesMax the most that one entity's state may take because of it, about; usually
   *     far less, see the measured cost
   * @param ttl age beyond which the value is withheld; absent means never
   * @param source event it is computed from
   * @param consumers what uses it by definition: {@code model}, {@code slices}
   * @param definitionHash of its view
   */
  public record Entry(
      String name,
      String view,
      String entity,
      List<String> key,
      @Nullable String meaning,
      String computation,
      @Nullable String owner,
      String type,
      String aggregate,
      @Nullable String of,
      @Nullable String where,
      String window,
      String bound,
      String precision,
      long stateBytesMax,
      @Nullable String ttl,
      String source,
      List<String> consumers,
      String definitionHash) {
    /** Whether it has all of these words, in any of its texts. */
    public boolean says(List<String> words) {
      String all =
          String.join(
                  "\n",
                  name,
                  entity,
                  text(meaning),
                  computation,
                  text(owner),
                  type,
                  source,
                  String.join(" ", consumers))
              .toLowerCase(java.util.Locale.ROOT);
      return words.stream().allMatch(all::contains);
    }

    private static String text(@Nullable String maybe) {
      return maybe == null ? "" : maybe;
    }
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

  /** All of a definition: features in its order, derived ones each after those that it reads. */
  public record Contents(List<Entry> features, List<Derived> derived) {}

  private record Compiled(String generation, ApplicationDefinition definition, Contents contents) {}

  /**
   * What an application has.
   *
   * @param definition in force; words may differ from the generation's, features do not
   */
  public Contents of(Generation generation, ApplicationDefinition definition) {
    Compiled known = compiled.get(generation.app());
    if (known == null
        || !known.generation().equals(generation.hash())
        || !known.definition().equals(definition)) {
      known =
          new Compiled(
              generation.hash(),
              definition,
              new Contents(features(generation, definition), derived(generation)));
      compiled.put(generation.app(), known);
    }
    return known.contents();
  }

  /** Forgets an application that is gone. */
  public void forget(String app) {
    compiled.remove(app);
  }

  private static List<Entry> features(Generation generation, ApplicationDefinition definition) {
    List<String> inputs = definition.modelInputs();
    List<Entry> entries = new ArrayList<>();
    generation
        .definition()
        .featureViews()
        .forEach(
            (name, computed) -> {
              Generation.Place place = generation.find(name);
              if (place == null) {
                return;
              }
              // While a definition that drops the view comes into force, its former words stand.
              FeatureViewDefinition view = definition.featureViews().getOrDefault(name, computed);
              List<String> features = place.plan().featureNames();
              for (int i = 0; i < features.size(); i++) {
                FeatureDefinition feature = computed.features().get(features.get(i));
                FeatureDefinition worded = view.features().get(features.get(i));
                if (feature != null) {
                  entries.add(
                      entry(
                          definition,
                          view,
                          place.plan(),
                          i,
                          feature,
                          worded == null ? feature : worded,
                          inputs));
                }
              }
            });
    return List.copyOf(entries);
  }

  private static List<Derived> derived(Generation generation) {
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
    return List.copyOf(entries);
  }

  private static List<String> keyFields(ApplicationDefinition definition, String entity) {
    EntityDefinition declared = definition.entities().get(entity);
    return declared == null ? List.of() : declared.keyFields();
  }

  private static Entry entry(
      ApplicationDefinition definition,
      FeatureViewDefinition view,
      ViewPlan plan,
      int index,
      FeatureDefinition feature,
      FeatureDefinition worded,
      List<String> inputs) {
    String name = plan.viewName() + "." + plan.featureNames().get(index);
    List<String> consumers = new ArrayList<>();
    if (inputs.contains(name)) {
      consumers.add("model");
    }
    if (definition.gates() != null && definition.gates().slices().contains(name)) {
      consumers.add("slices");
    }
    String window = feature.window() == null ? "lifetime" : feature.window();
    String where = feature.where() == null ? view.where() : feature.where();
    return new Entry(
        name,
        plan.viewName(),
        view.entity(),
        keyFields(definition, view.entity()),
        worded.description() == null ? view.description() : worded.description(),
        feature.aggregate()
            + (feature.of() == null ? "" : " of " + feature.of())
            + (where == null ? "" : " where " + where)
            + " over "
            + window,
        view.owner() == null ? definition.metadata().owner() : view.owner(),
        plan.kindOf(index).name(),
        feature.aggregate(),
        feature.of(),
        where,
        window,
        plan.describeWindowBound(index),
        feature.precision() == null ? "tile" : feature.precision(),
        plan.mostBytes(index),
        feature.ttl(),
        view.source(),
        List.copyOf(consumers),
        plan.definitionHash());
  }
}
