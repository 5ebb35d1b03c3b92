// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.catalogue;

import io.millrace.features.view.ViewPlan;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Measures features on a sample of entities, whose states it computes from history. Bounded:
 * {@value #ENTITIES} entities of a group, {@value #ROWS} rows of their histories together.
 * Thread-safe.
 */
public final class Profiler {
  static final int ENTITIES = 200;
  static final int ROWS = 50_000;
  private static final int TIMED_READS = 15;
  private static final int FREQUENT = 5;

  private final HistoryStore history;
  private final InstantSource clock;

  public Profiler(HistoryStore history, InstantSource clock) {
    this.history = history;
    this.clock = clock;
  }

  /**
   * Measures.
   *
   * @param asOfMs moment at which values are read
   * @throws io.millrace.featurestore.history.StoreUnavailableException where history does not
   *     answer
   */
  public Profile measure(Generation generation, long asOfMs) {
    Map<String, Profile.Cost> views = new LinkedHashMap<>();
    Map<String, Profile.Distribution> features = new LinkedHashMap<>();
    for (FeatureGroup group : generation.groups()) {
      List<GroupState> states = states(generation, group);
      for (int view = 0; view < group.plans().size(); view++) {
        measure(group.plans().get(view), view, states, asOfMs, views, features);
      }
    }
    return new Profile(generation.hash(), clock.millis(), asOfMs, views, features);
  }

  private List<GroupState> states(Generation generation, FeatureGroup group) {
    List<GroupState> states = new ArrayList<>();
    int[] left = {ROWS};
    for (String key : history.someKeys(HistoryKey.of(generation.app(), group, ""), ENTITIES)) {
      GroupState state = group.newState();
      history.read(
          HistoryKey.of(generation.app(), group, key),
          0,
          row -> {
            group.apply(state, row.event().fields(), row.event().eventTimeMs());
            return --left[0] > 0;
          });
      states.add(state);
      if (left[0] <= 0) {
        break;
      }
    }
    return states;
  }

  private static void measure(
      ViewPlan plan,
      int view,
      List<GroupState> states,
      long asOfMs,
      Map<String, Profile.Cost> views,
      Map<String, Profile.Distribution> features) {
    if (states.isEmpty()) {
      return;
    }
    @Nullable Object[][] values = new Object[states.size()][plan.size()];
    double bytes = 0;
    double[] nanos = new double[TIMED_READS];
    for (int turn = 0; turn < TIMED_READS; turn++) {
      long start = System.nanoTime();
      for (int i = 0; i < values.length; i++) {
        plan.read(states.get(i).view(view), asOfMs, values[i], 0);
      }
      nanos[turn] = (double) (System.nanoTime() - start) / values.length;
    }
    for (GroupState state : states) {
      bytes += plan.encode(state.view(view)).length;
    }
    Arrays.sort(nanos);
    views.put(
        plan.viewName(),
        new Profile.Cost(
            states.size(), round(bytes / states.size()), round(nanos[TIMED_READS / 2] / 1000)));
    for (int feature = 0; feature < plan.size(); feature++) {
      List<Object> present = new ArrayList<>();
      for (@Nullable Object[] row : values) {
        Object value = row[feature];
        if (value != null) {
          present.add(value);
        }
      }
      features.put(
          plan.viewName() + "." + plan.featureNames().get(feature),
          distribution(present, states.size()));
    }
  }

  private static Profile.Distribution distribution(List<Object> present, int entities) {
    double share = (double) present.size() / entities;
    double[] numbers =
        present.stream()
            .filter(Double.class::isInstance)
            .mapToDouble(each -> (Double) each)
            .sorted()
            .toArray();
    Map<String, Integer> counts = new TreeMap<>();
    present.forEach(each -> counts.merge(each.toString(), 1, Integer::sum));
    boolean isNumber = numbers.length == present.size() && numbers.length > 0;
    return new Profile.Distribution(
        entities,
        round(share),
        isNumber ? Arrays.stream(numbers).average().orElse(Double.NaN) : null,
        isNumber
            ? List.of(
                numbers[0],
                numbers[rank(numbers, 0.1)],
                numbers[rank(numbers, 0.5)],
                numbers[rank(numbers, 0.9)],
                numbers[numbers.length - 1])
            : null,
        counts.size(),
        isNumber
            ? List.of()
            : counts.entrySet().stream()
                .sorted(
                    Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(FREQUENT)
                .map(Map.Entry::getKey)
                .toList());
  }

  private static int rank(double[] sorted, double q) {
    return (int) Math.ceil(q * sorted.length) - 1;
  }

  private static double round(double value) {
    return Math.rint(value * 1000) / 1000;
  }
}
