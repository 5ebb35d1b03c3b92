// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.view;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Some features of a generation, in an order: which views they need, and where each value is in its
 * view's row. Immutable and thread-safe.
 *
 * @param names {@code view.feature}
 * @param views the views needed, each once
 * @param columns per name: its view and its index there
 */
public record FeatureSet(
    Generation generation, List<String> names, List<Generation.Place> views, List<Column> columns) {

  /**
   * Where a feature is.
   *
   * @param view index in {@link #views}
   * @param feature index in the view's plan
   */
  public record Column(int view, int feature) {}

  public FeatureSet {
    names = List.copyOf(names);
    views = List.copyOf(views);
    columns = List.copyOf(columns);
  }

  /**
   * All features of the named views, then the named features; without either, all of all views.
   *
   * @throws UnknownFeatureException naming what there is not
   */
  public static FeatureSet of(
      Generation generation, @Nullable List<String> views, @Nullable List<String> features) {
    List<String> names = new ArrayList<>();
    if (views == null && features == null) {
      generation
          .groups()
          .forEach(group -> group.plans().forEach(plan -> addAll(names, plan.viewName(), plan)));
    }
    for (String view : views == null ? List.<String>of() : views) {
      addAll(names, view, place(generation, view).plan());
    }
    for (String feature : features == null ? List.<String>of() : features) {
      if (!names.contains(feature)) {
        names.add(feature);
      }
    }
    return of(generation, names);
  }

  private static void addAll(
      List<String> names, String view, io.millrace.features.view.ViewPlan plan) {
    for (String feature : plan.featureNames()) {
      String name = view + "." + feature;
      if (!names.contains(name)) {
        names.add(name);
      }
    }
  }

  /**
   * The features of these names, in this order.
   *
   * @throws UnknownFeatureException naming what there is not
   */
  public static FeatureSet of(Generation generation, List<String> names) {
    Map<String, Integer> indices = new LinkedHashMap<>();
    List<Generation.Place> places = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (String name : names) {
      int dot = name.indexOf('.');
      String view = dot < 0 ? name : name.substring(0, dot);
      Generation.Place place = place(generation, view);
      int feature = dot < 0 ? -1 : place.plan().featureNames().indexOf(name.substring(dot + 1));
      if (feature < 0) {
        throw new UnknownFeatureException("there is no feature '" + name + "'");
      }
      int index =
          indices.computeIfAbsent(
              view,
              absent -> {
                places.add(place);
                return places.size() - 1;
              });
      columns.add(new Column(index, feature));
    }
    return new FeatureSet(generation, names, places, columns);
  }

  private static Generation.Place place(Generation generation, String view) {
    Generation.Place place = generation.find(view);
    if (place == null) {
      throw new UnknownFeatureException("there is no feature view '" + view + "'");
    }
    return place;
  }
}
