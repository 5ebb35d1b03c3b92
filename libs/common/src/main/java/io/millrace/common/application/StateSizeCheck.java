// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.view.ViewPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Bounds what one entity may need. The views of an event about an entity are one state: a busy key
 * has it in memory, and it is one value of the online store.
 */
final class StateSizeCheck {
  private static final long STATE_BYTES_MAX = 16L * 1024 * 1024;

  private static final double MIB = 1024.0 * 1024.0;

  private final ApplicationDefinition application;
  private final Map<String, ViewPlan> plans;
  private final Problems problems;

  private record Feature(String path, long bytes) {}

  /**
   * @param plans view → compiled, of those views that are right
   */
  StateSizeCheck(
      ApplicationDefinition application, Map<String, ViewPlan> plans, Problems problems) {
    this.application = application;
    this.plans = plans;
    this.problems = problems;
  }

  void check() {
    Map<List<String>, List<ViewPlan>> states = new LinkedHashMap<>();
    application
        .featureViews()
        .forEach(
            (name, view) -> {
              ViewPlan plan = plans.get(name);
              if (plan != null) {
                states.computeIfAbsent(ofOneState(view), key -> new ArrayList<>()).add(plan);
              }
            });
    states.forEach((ignored, views) -> check(views));
  }

  private static List<String> ofOneState(FeatureViewDefinition view) {
    return List.of(view.source(), view.entity());
  }

  private void check(List<ViewPlan> views) {
    long total = views.stream().mapToLong(ViewPlan::mostBytes).sum();
    long left = total;
    for (Feature feature : largestFirst(views)) {
      if (left <= STATE_BYTES_MAX) {
        return;
      }
      left -= feature.bytes();
      problems.add(
          feature.path(),
          "state-size",
          String.format(
              Locale.ROOT,
              "up to %.1f MiB for one entity, of %.1f MiB with the other features of its event;"
                  + " %.0f MiB may be kept: choose a smaller n, fewer categories or another window",
              feature.bytes() / MIB,
              total / MIB,
              STATE_BYTES_MAX / MIB));
    }
  }

  private static List<Feature> largestFirst(List<ViewPlan> views) {
    List<Feature> features = new ArrayList<>();
    for (ViewPlan plan : views) {
      for (int i = 0; i < plan.size(); i++) {
        features.add(
            new Feature(
                "featureViews." + plan.viewName() + ".features." + plan.featureNames().get(i),
                plan.mostBytes(i)));
      }
    }
    features.sort(Comparator.comparingLong(Feature::bytes).reversed());
    return features;
  }
}
