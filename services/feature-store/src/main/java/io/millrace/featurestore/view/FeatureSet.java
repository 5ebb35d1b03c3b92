// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.view;

import io.millrace.features.view.FeatureKind;
import io.millrace.features.view.ViewPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Some features of a generation in an order, compiled for reading: which groups and views they
 * need, and where each value lies in a row of all features of those views. Immutable and
 * thread-safe.
 */
public final class FeatureSet {
  private final Generation generation;
  private final List<String> names;
  private final List<View> views;
  private final List<FeatureGroup> groups;
  private final int[] slots;
  private final int[] groupOfColumn;
  private final FeatureKind[] kinds;
  private final int width;
  private final long layout;

  /**
   * A view that is needed.
   *
   * @param group index in {@link #groups}
   * @param index of the view within its group
   * @param slot of the view's first feature in a row
   */
  public record View(ViewPlan plan, int group, int index, int slot) {
    /** Whether all features of the view are numbers. */
    public boolean isNumeric() {
      return IntStream.range(0, plan.size())
          .allMatch(feature -> plan.kindOf(feature) == FeatureKind.NUMBER);
    }
  }

  private FeatureSet(Generation generation, List<String> names) {
    this.generation = generation;
    this.names = List.copyOf(names);
    this.slots = new int[names.size()];
    this.groupOfColumn = new int[names.size()];
    this.kinds = new FeatureKind[names.size()];
    Map<String, View> byName = new LinkedHashMap<>();
    List<FeatureGroup> needed = new ArrayList<>();
    int next = 0;
    for (int column = 0; column < slots.length; column++) {
      String name = names.get(column);
      int dot = name.indexOf('.');
      String viewName = dot < 0 ? name : name.substring(0, dot);
      View view = byName.get(viewName);
      if (view == null) {
        Generation.Place place = place(generation, viewName);
        int group = needed.indexOf(place.group());
        if (group < 0) {
          group = needed.size();
          needed.add(place.group());
        }
        view = new View(place.plan(), group, place.index(), next);
        byName.put(viewName, view);
        next += place.plan().size();
      }
      int feature = dot < 0 ? -1 : view.plan().featureNames().indexOf(name.substring(dot + 1));
      if (feature < 0) {
        throw new UnknownFeatureException("there is no feature '" + name + "'");
      }
      slots[column] = view.slot() + feature;
      groupOfColumn[column] = view.group();
      kinds[column] = view.plan().kindOf(feature);
    }
    this.views = List.copyOf(byName.values());
    this.groups = List.copyOf(needed);
    this.width = next;
    this.layout = layout();
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
      generation.plans().forEach(plan -> addAll(names, plan.viewName(), plan));
    }
    for (String view : views == null ? List.<String>of() : views) {
      addAll(names, view, place(generation, view).plan());
    }
    names.addAll(features == null ? List.of() : features);
    return of(generation, names.stream().distinct().toList());
  }

  private static void addAll(List<String> names, String view, ViewPlan plan) {
    plan.featureNames().forEach(feature -> names.add(view + "." + feature));
  }

  /**
   * The features of these names, in this order.
   *
   * @throws UnknownFeatureException naming what there is not
   */
  public static FeatureSet of(Generation generation, List<String> names) {
    return new FeatureSet(generation, names);
  }

  private static Generation.Place place(Generation generation, String view) {
    Generation.Place place = generation.find(view);
    if (place == null) {
      throw new UnknownFeatureException("there is no feature view '" + view + "'");
    }
    return place;
  }

  private long layout() {
    StringBuilder identity = new StringBuilder(generation.hash());
    names.forEach(name -> identity.append('\n').append(name));
    return Long.parseLong(Generation.shortHash(identity.toString()), 16);
  }

  public Generation generation() {
    return generation;
  }

  /** {@code view.feature} of each column. */
  public List<String> names() {
    return names;
  }

  /** The views needed, each once. */
  public List<View> views() {
    return views;
  }

  /** The groups needed, each once. */
  public List<FeatureGroup> groups() {
    return groups;
  }

  /**
   * The last view, as an index in its group, that is needed of each block of a group; negative
   * where none is.
   */
  public int[] lastOfBlocks(int group) {
    int[] last = new int[groups.get(group).blocks()];
    Arrays.fill(last, -1);
    for (View view : views) {
      if (view.group() == group) {
        int block = groups.get(group).blockOf(view.index());
        last[block] = Math.max(last[block], view.index());
      }
    }
    return last;
  }

  /** Slots of a row: all features of the views needed. */
  public int width() {
    return width;
  }

  /** The slot of a column. */
  public int slot(int column) {
    return slots[column];
  }

  /** The index in {@link #groups} of a column. */
  public int group(int column) {
    return groupOfColumn[column];
  }

  /** What the values of a column are. */
  public FeatureKind kind(int column) {
    return kinds[column];
  }

  /** Equal for the same names of the same generation: a client that knows it knows the names. */
  public long layoutId() {
    return layout;
  }
}
